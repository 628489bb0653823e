using Thimble.Cli;

using var terminal = new ProcessTerminal();
return await CommandLine.RunAsync(args, terminal);
