@echo off
rem The command thimble, built from this clone: once, and again when a source has changed. See thimble for Linux and macOS.
setlocal
set "root=%~dp0"
set "place=%root%artifacts\thimble"
set "seen=%place%\.sources"
if not exist "%place%\Thimble.Cli.exe" goto build
rem robocopy /L copies nothing; it ends with 0 when the copy made at the last build is like the sources.
for %%f in (src models) do (
  robocopy "%root%%%f" "%seen%\%%f" /MIR /L /NJH /NJS /NDL /NFL /NP >nul
  if errorlevel 1 goto build
)

:run
"%place%\Thimble.Cli.exe" %*
exit /b %errorlevel%

:build
set DOTNET_NOLOGO=1
set DOTNET_CLI_TELEMETRY_OPTOUT=1
where dotnet >nul 2>nul || (
  echo thimble: there is no 'dotnet' on the PATH, and Thimble is built with the .NET 10 SDK.>&2
  echo Get it from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again.>&2
  exit /b 1
)
pushd "%root%"
dotnet --version >nul 2>nul
if errorlevel 1 (
  echo thimble: Thimble is built with the .NET 10 SDK; here is:>&2
  dotnet --list-sdks >&2
  echo Get .NET 10 from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again.>&2
  popd
  exit /b 1
)
popd
set rid=win-x64
if /i "%PROCESSOR_ARCHITECTURE%"=="ARM64" set rid=win-arm64
echo thimble: building it, once; this takes two to four minutes ...>&2
if not exist "%root%artifacts" mkdir "%root%artifacts"
if exist "%place%" rmdir /s /q "%place%" 2>nul
if exist "%place%\Thimble.Cli.exe" (
  echo thimble: the sources have changed, and a thimble is still running; end it and run this again.>&2
  exit /b 1
)
dotnet publish "%root%src\Thimble.Cli" -c Release -r %rid% -o "%place%" -p:CompiledAhead=true -p:RunAnalyzers=false -p:PublishReadyToRunCrossgen2ExtraArgs=--instruction-set:native -nodeReuse:false -v:quiet >"%root%artifacts\thimble.log" 2>&1
if errorlevel 1 (
  findstr /c:"error" "%root%artifacts\thimble.log" >&2
  echo thimble: the build failed; the whole of it is in %root%artifacts\thimble.log.>&2
  if exist "%place%\Thimble.Cli.exe" del "%place%\Thimble.Cli.exe"
  exit /b 1
)
for %%f in (src models) do robocopy "%root%%%f" "%seen%\%%f" /MIR /NJH /NJS /NDL /NFL /NP >nul
goto run
