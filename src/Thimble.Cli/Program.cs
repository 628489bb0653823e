using Thimble.Cli;

using var terminal = new ProcessTerminal();
return await CommandLine.RunAsync(args, terminal);

// Said here, or ASP.NET Core's compiler extension makes it public.
internal partial class Program;
