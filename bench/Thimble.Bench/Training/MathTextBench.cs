using System.Globalization;
using Thimble.Lab.Training;
using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Bench;

/// <summary>LLM-Adapters' own texts on a small model: adapters learn from its training file, and are measured by the perplexity of the questions of
/// each test set that have nothing in common with it.</summary>
/// <remarks>A model of this size solves none of them, so nothing is said of answers.</remarks>
internal static class MathTextBench
{
    public static void Run(string[] args)
    {
        string folder = args.Length > 0 ? args[0] : throw new ArgumentException("Give the folder of LLM-Adapters' data: the one that holds math_data.json.");
        int steps = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 200;
        string path = args.Length > 2 ? args[2] : Path.Combine("tests", "Thimble.Tests", "Golden", "stories260K", "stories260K.bin");
        var splits = MathSplits.Read(folder);
        using var file = ModelFile.Open(path);
        var tokenizer = Tokenizer.From(file.Metadata);
        Sample[] learnt = [.. splits.Learnt.SelectMany(text => Encode(tokenizer, text))];
        (string Name, Batch[] Batches)[] sets = [.. splits.Clean.Select(set => (set.Name, Batches.Once(set.Questions.SelectMany(text => Encode(tokenizer, text)), 2048).ToArray()))];
        Console.WriteLine($"{splits.Learnt.Count} texts learnt from; clean of each test set: {string.Join(", ", splits.Clean.Select(set => $"{set.Name} {set.Questions.Count} of {set.All}"))}");
        Console.WriteLine($"| way | {string.Join(" | ", sets.Select(set => set.Name))} |");
        Console.WriteLine($"|---|{string.Concat(Enumerable.Repeat("--:|", sets.Length))}");
        foreach ((string name, float rate, TrainedAdapterOptions? options) in AdapterBench.Ways.Prepend(("none", 0, null)))
        {
            using var model = new TrainedModel(file, 512, frozen: options is not null, options?.Base);
            if (options is not null)
                LlmAdapters.Attach(model.Graph, options, 1);
            foreach (Parameter parameter in model.Graph.Parameters.Where(_ => options is null))
                parameter.IsTrained = parameter.Name.Length > 0;
            using var trainer = new Trainer(model.Graph, new() { Steps = steps, Optimiser = new() { Rate = rate, Decay = 0 }, Schedule = new() { WarmUp = 20 } });
            var batches = new Batches(learnt, 1024, 1);
            for (int i = 0; i < steps && name != "none"; i++)
                trainer.Step([batches.Next()]);
            Console.WriteLine($"| {name} | {string.Join(" | ", sets.Select(set => Math.Exp(trainer.Evaluate(set.Batches).Mean).ToString("F2", CultureInfo.InvariantCulture)))} |");
        }
    }

    private static IEnumerable<Sample> Encode(Tokenizer tokenizer, string text) => new Sample(tokenizer.Encode(text, addSpecial: true)).Cut(256);
}
