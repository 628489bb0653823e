@echo off
rem Builds everything and checks everything, from a fresh clone on; the last line sums up. See test for Linux and macOS.
setlocal enabledelayedexpansion
cd /d "%~dp0"
set DOTNET_NOLOGO=1
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set DOTNET_CLI_UI_LANGUAGE=en
set passed=0
set failed=0
set left=0
set "bin=artifacts\bin"
set "log=artifacts\test.log"
if not exist artifacts mkdir artifacts

dotnet --version >nul 2>nul
if errorlevel 1 (
  echo FAILED  the tests need the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0
  set failed=1
  goto finish
)

echo == build
call :check "restores" "" dotnet restore Thimble.slnx -nodeReuse:false
if %failed% gtr 0 goto finish
call :check "builds without a warning" " 0 Warning" dotnet build Thimble.slnx -c Release --no-restore -nodeReuse:false
if %failed% gtr 0 goto finish

call :suite "all tests"
for %%s in (DOTNET_EnableAVX512 DOTNET_EnableAVX2 DOTNET_EnableHWIntrinsic) do (
  set %%s=0
  call :suite "the tests of Compute with %%s=0" --filter FullyQualifiedName~Thimble.Tests.Compute
  set %%s=
)

echo == the command, trimmed and compiled ahead
call :check "thimble is published" "thimble" call thimble.cmd --version
call :check "thimble run writes a story" "upon" call thimble.cmd run -n 16 --seed 1 "Once upon a time"
call :check "thimble show tells what the model is" "ple" call thimble.cmd show
call :check "thimble tokenize cuts a text" "upon" call thimble.cmd tokenize "Once upon a time"

echo == the samples
call :check "the console sample writes a story" "Once upon a time" dotnet %bin%\Thimble.Samples.Console\release\Thimble.Samples.Console.dll

:finish
if %left% gtr 0 echo %left% tests left out: the data they need is not here.
echo %passed% passed, %failed% failed
if %failed% gtr 0 exit /b 1
exit /b 0

rem :check NAME TEXT COMMAND...: the command ends well, and what it writes has the text in it.
:check
set "name=%~1"
set "text=%~2"
set "words="
:words
if "%~3"=="" goto start
set words=!words! %3
shift /3
goto words
:start
%words% >"%log%" 2>&1 <nul
if errorlevel 1 goto fault
if defined text findstr /c:"%text%" "%log%" >nul || goto fault
set /a passed+=1
echo ok      %name%
exit /b 0
:fault
set /a failed+=1
echo FAILED  %name%
type "%log%"
exit /b 0

rem :suite NAME [FILTER]: runs tests and adds them up.
:suite
echo == %~1
dotnet test %bin%\Thimble.Tests\release\Thimble.Tests.dll %2 %3 --blame-hang-timeout 5m --blame-hang-dump-type none >"%log%" 2>&1
set ended=%errorlevel%
set "one="
for /f "tokens=4,6,8 delims=:, " %%a in ('findstr /r /c:"Failed: *[0-9]*, Passed:" "%log%"') do (
  set /a one=%%a, failed+=%%a, passed+=%%b, left+=%%c
)
if not defined one set /a failed+=1
if "%one%"=="0" if not %ended%==0 set /a failed+=1
if %ended%==0 (findstr /c:"Passed!" /c:"left out" "%log%") else type "%log%"
exit /b 0
