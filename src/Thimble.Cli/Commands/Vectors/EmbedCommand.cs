using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble embed MODEL [TEXT...]</c>: texts as vectors.</summary>
internal static class EmbedCommand
{
    public static Command Create(Terminal terminal)
    {
        var words = new Argument<string[]>("MODEL TEXT")
        {
            Description = "A model's name, file or folder, and texts, each of which gets a vector. Without one, every line piped in is a text.",
            Arity = ArgumentArity.OneOrMore,
            HelpName = "MODEL TEXT",
        };
        var json = new Option<bool>("--json") { Description = "Write a JSON object for each text, one a line." };
        var opening = new VectorOptions();
        var command = new Command("embed", "Turn texts into vectors of length 1, one a line.") { words, json };
        opening.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            string[] typed = Words.Of(parsed, words);
            string[] texts = await VectorOptions.TextsAsync(typed[1..], "text", terminal, stop);
            using Model model = opening.Open(parsed, typed[0], terminal);
            using IEmbeddingGenerator<string, Embedding<float>> generator = model.AsEmbeddingGenerator();
            GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(texts, cancellationToken: stop);
            for (int i = 0; i < texts.Length; i++)
                terminal.Out.WriteLine(parsed.GetValue(json) ? Json(i, texts[i], vectors[i]) : Plain(vectors[i]));
            return ExitCode.Success;
        });
        return command;
    }

    private static string Json(int index, string text, Embedding<float> vector) =>
        JsonSerializer.Serialize(new EmbeddingReport(index, text, vector.Vector), VectorJson.Default.EmbeddingReport);

    private static string Plain(Embedding<float> vector) =>
        string.Join(' ', vector.Vector.ToArray().Select(value => value.ToString(CultureInfo.InvariantCulture)));
}
