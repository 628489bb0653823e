using System.Diagnostics;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;

namespace Thimble.Bench;

/// <summary>How long every architecture takes to open, and then to read eight tokens and score what follows: small files, so that what is
/// measured is the work that does not grow with weights.</summary>
internal static class FamilyBench
{
    private const int Times = 7, Prompt = 8;

    /// <summary>Prints a table.</summary>
    /// <param name="folders">Folders of GGUF files; the fixtures beside and in the repository if there are none.</param>
    public static void Run(string[] folders)
    {
        if (folders.Length == 0)
            folders = ["../shared/models/arch-fixtures", "tests/Thimble.Tests/Golden/arch-fixtures", "tests/Thimble.Tests/Golden/encoders"];
        string[] files = [.. folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*.gguf")).DistinctBy(Path.GetFileName).Order(StringComparer.Ordinal)];
        using var team = new Team(Environment.ProcessorCount);
        Console.WriteLine("| file | architecture | tensors | layers | open, ms | first token, ms |");
        Console.WriteLine("|---|---|--:|--:|--:|--:|");
        foreach (string file in files)
            Console.WriteLine(Row(file, team));
    }

    private static string Row(string path, Team team)
    {
        List<double> opens = [], firsts = [];
        string about = "";
        for (int i = 0; i <= Times; i++)
        {
            long begun = Stopwatch.GetTimestamp();
            using var file = ModelFile.Open(path);
            Decoder decoder = Architectures.Build(new Blueprint(file, new(Precision.Bytes, team)) { Context = 128 });
            double opened = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            double first = First(decoder, team);
            about = $"| {Path.GetFileNameWithoutExtension(path)} | `{file.Architecture}` | {file.Tensors.Count} | {decoder.Layers.Count} |";
            if (i == 0)
                continue;   // what it takes to compile the code is another matter
            opens.Add(opened);
            firsts.Add(first);
        }

        return FormattableString.Invariant($"{about} {opens.Order().ElementAt(Times / 2):F2} | {firsts.Order().ElementAt(Times / 2):F2} |");
    }

    private static double First(Decoder decoder, Team team)
    {
        using StatePool states = new(decoder.States, 1 << 8, CellFormat.Named("F16"));
        using StatePool? kept = decoder.Reader is null ? null : new(decoder.Reader.States, 1 << 8, CellFormat.Named("F16"));
        using StatePool? passing = decoder.Reader is null ? null : new(decoder.Reader.Encoder.States, 1 << 8, CellFormat.Named("F16"));
        using var pass = new Pass(team);
        using var state = new SequenceState(states);
        int[] tokens = [.. Enumerable.Range(3, Prompt)];
        long begun = Stopwatch.GetTimestamp();
        decoder.Reader?.Read(pass, state, kept!, passing!, tokens);
        using (pass.Scratch.Mark())
        {
            pass.Clear();
            pass.Add(state, decoder.Reader is null ? tokens : tokens[..1], 1);
            Matrix last = decoder.Forward(pass);
            decoder.Head?.Apply(pass, last);
        }

        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }
}
