using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble rerank MODEL QUERY [DOCUMENT...]</c>: documents by how well they answer a query.</summary>
internal static class RerankCommand
{
    public static Command Create(Terminal terminal)
    {
        var words = new Argument<string[]>("MODEL QUERY DOCUMENT")
        {
            Description = "A model's name, file or folder, the query, and documents. Without one, every line piped in is a document.",
            Arity = ArgumentArity.OneOrMore,
            HelpName = "MODEL QUERY DOCUMENT",
        };
        var json = new Option<bool>("--json") { Description = "Write a JSON object for each document, one a line." };
        var opening = new VectorOptions();
        var command = new Command("rerank", "Score documents for a query, the best first.") { words, json };
        opening.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            string[] typed = Words.Of(parsed, words);
            if (typed.Length < 2)
                throw new ArgumentException("There is no query: give one behind the model.");
            string[] documents = await VectorOptions.TextsAsync(typed[2..], "document", terminal, stop);
            using Model model = opening.Open(parsed, typed[0], terminal);
            float[] scores = await model.RerankAsync(typed[1], documents, stop);
            foreach (int i in Enumerable.Range(0, documents.Length).OrderByDescending(i => scores[i]))
                terminal.Out.WriteLine(parsed.GetValue(json) ? Json(i, documents[i], scores[i]) : string.Create(CultureInfo.InvariantCulture, $"{scores[i],9:F5}  {documents[i]}"));
            return ExitCode.Success;
        });
        return command;
    }

    private static string Json(int index, string document, float score) =>
        JsonSerializer.Serialize(new RankReport(index, document, score), VectorJson.Default.RankReport);
}
