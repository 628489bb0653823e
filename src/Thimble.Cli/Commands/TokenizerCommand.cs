using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Thimble.Lab.Training;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble tokenizer train RECIPE</c>: a tokenizer learnt from texts.</summary>
internal static class TokenizerCommand
{
    public static Command Create(Terminal terminal)
    {
        var recipe = new Argument<string>("RECIPE") { Description = "A YAML file: texts, vocabulary, split, special, begin, end, template, output." };
        var train = new Command("train", "Learn a byte-level BPE tokenizer from texts.") { recipe };
        train.SetAction((parsed, stop) => Task.Run(() => Run(terminal, TokenizerRecipe.Load(parsed.GetRequiredValue(recipe)), stop), stop));
        return new Command("tokenizer", "Make tokenizers.") { train };
    }

    private static int Run(Terminal terminal, TokenizerRecipe recipe, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        TokenizerResult result = TokenizerTraining.Run(recipe, stop);
        if (result.Broken.Count > 0)
            terminal.Out.WriteLine($"{result.Broken.Count} lines could not be read and are left out: {string.Join("; ", result.Broken.Take(3))}");
        if (result.Tokens < recipe.Vocabulary)
            terminal.Out.WriteLine($"the texts hold too few pairs for {recipe.Vocabulary} tokens");
        terminal.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{recipe.Output}: {result.Tokens} tokens, {result.Merges} merges, from {result.Words:N0} words in {result.Bytes:N0} bytes; {(double)result.Bytes / result.Symbols:F2} bytes a token; {clock.Elapsed.TotalSeconds:F1} s"));
        return ExitCode.Success;
    }
}
