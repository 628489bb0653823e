// Thimble.Arm [--slow] [beginning of a class's full name …]
// Thimble.Arm --story
using System.Diagnostics;
using System.Runtime.InteropServices;
using Thimble;
using Thimble.Arm;

if (args is ["--story"])
{
    // Without chance in it, so that machines can be compared.
    using Model model = Model.OpenDefault();
    await foreach (string text in model.Generate("Once upon a time", new() { MaxTokens = 96, Sampling = SamplingOptions.Greedy }))
        Console.Write(text);
    Console.WriteLine();
    return 0;
}

bool slow = args.Contains("--slow");
string[] wanted = [.. args.Where(arg => arg != "--slow")];
if (wanted.Length == 0)
    wanted = ["Thimble.Tests.Compute."];

Console.WriteLine($"{RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}; {Instructions.Found}");
Outcome all = new(0, 0, 0);
foreach (Type type in typeof(Thimble.Tests.Compute.LanesTests).Assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
{
    if (type.IsAbstract || !wanted.Any(name => type.FullName!.StartsWith(name, StringComparison.Ordinal)))
        continue;
    long start = Stopwatch.GetTimestamp();
    Outcome outcome = await TestClass.Run(type, slow);
    if (outcome.Total > 0)
        Console.WriteLine($"{type.FullName,-72} {outcome} {Stopwatch.GetElapsedTime(start).TotalSeconds,8:0.0} s");
    all += outcome;
}

Console.WriteLine($"{"all",-72} {all}");
return all.Failed > 0 || all.Total == 0 ? 1 : 0;
