using System.CommandLine;
using System.Globalization;
using Thimble.Cli.Output;
using Thimble.Lab.Evaluate;
using Thimble.Lab.Sense;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble autolife MODEL…</c>: sentences on a scripted day from generated sensor files, on one or several tiers.</summary>
internal static class AutoLifeCommand
{
    public static Command Create(Terminal terminal)
    {
        var models = new Argument<string[]>("MODELS") { Description = "Models in this process, by name, file or folder." };
        var server = new Option<string?>("--server") { Description = "A server that speaks OpenAI's chat completions, as in http://localhost:8080/v1.", HelpName = "URL" };
        var name = new Option<string>("--server-model") { Description = "The model's name there.", HelpName = "NAME", DefaultValueFactory = _ => EvaluationOptions.ModelInside };
        var latency = new Option<double?>("--remote-ms") { Description = "Ask the server once more as if it were so far away.", HelpName = "MS" };
        var sessions = new Option<int>("--sessions") { Description = "Sessions of each stretch of the day.", HelpName = "N", DefaultValueFactory = _ => 2 };
        var threads = new Option<int?>("--threads", "-t") { Description = "Threads that compute.", HelpName = "N" };
        var references = new Option<string?>("--references") { Description = "The data set's journals_reference.json: says how far two people agree.", HelpName = "FILE" };
        var command = new Command("autolife", "Describe a day from a phone's sensors, on this machine, a server near by or a remote one.") { models, server, name, latency, sessions, threads, references };
        command.SetAction(async (parsed, stop) =>
        {
            AutoLifeOptions options = new()
            {
                Models = [.. parsed.GetValue(models)!.Select(word => Words.Model(word, terminal) ?? EvaluationOptions.ModelInside)],
                Server = parsed.GetValue(server) is { } address ? Address(address) : null,
                ServerModel = parsed.GetValue(name)!,
                RemoteLatency = parsed.GetValue(latency) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
                Sessions = parsed.GetValue(sessions),
                Opening = new() { Threads = parsed.GetValue(threads) },
            };
            Task<IReadOnlyList<TierResult>> work = AutoLifeLite.RunAsync(options, stop);
            await Waiting.ForAsync(terminal, "describing the day", work);
            TextTable.Write(terminal.Out, [s_titles, .. (await work).Select(Row)]);
            if (parsed.GetValue(references) is { } path)
            {
                var set = JournalSet.Read(path);
                TextTable.Write(terminal.Out, [["two people", $"{set.Segments.Count} segments", "", "", "", "", .. Figures(set.Agreement())]]);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && (address.Scheme is "http" or "https")
        ? address
        : throw new ArgumentException($"--server: '{text}' is no address of a server; expected one such as http://localhost:8080/v1.");

    private static readonly string[] s_titles = ["tier", "model", "answers", "first token ms", "answer ms", "peak MiB", "BLEU", "chrF", "ROUGE-1", "ROUGE-2", "ROUGE-L", "METEOR", "motion"];

    private static string[] Row(TierResult tier) =>
    [
        tier.Tier, tier.Model, Text($"{tier.Answers}"), tier.FirstTokenMs is { } first ? Text($"{first:F1}") : "-", Text($"{tier.TotalMs:F1}"),
        tier.PeakBytes is { } peak ? Text($"{peak / 1048576.0:F0}") : "-", .. Figures(tier.Scores), Text($"{tier.MotionRight:F2}"),
    ];

    private static string[] Figures(JournalScores scores) =>
        [.. ((double[])[scores.Bleu, scores.Chrf, scores.Rouge1, scores.Rouge2, scores.RougeL, scores.Meteor]).Select(value => Text($"{value:F3}"))];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
