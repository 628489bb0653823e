using System.CommandLine;
using System.Globalization;
using Thimble.Cli.Output;
using Thimble.Lab.Evaluate;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble mastery SCORES.csv</c>: what specialising models cost, from a matrix of scores.</summary>
internal static class MasteryCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("SCORES") { Description = "A CSV file: model,specialised,bits and a column for each domain; the base has no second cell." };
        var command = new Command("mastery", "Say what specialising models cost elsewhere, from a matrix of scores (DSI, GG, CDTR).") { file };
        command.SetAction(async (parsed, stop) =>
        {
            string path = parsed.GetRequiredValue(file);
            MasteryReport report = FragileMastery.Of(ScoreMatrix.Parse(await File.ReadAllTextAsync(path, stop), path));
            string[] heads = ["model", "specialised on", "bits", "DSI", "GG", .. report.Models.SelectMany(model => model.Transfers).Select(transfer => transfer.Domain).Distinct().Select(domain => "CDTR " + domain)];
            TextTable.Write(terminal.Out, [heads, .. report.Models.Select(model => Row(model, heads))]);
            foreach (MasteryTrend trend in report.Trends)
                terminal.Out.WriteLine($"{trend.Metric} with bits per weight, {trend.Models} models: Pearson {Number(trend.Pearson)}, Spearman {Number(trend.Spearman)}");
            return ExitCode.Success;
        });
        return command;
    }

    private static string[] Row(ModelMastery model, string[] heads) =>
    [
        model.Name, model.Domain, model.BitsPerWeight?.ToString("0.##", CultureInfo.InvariantCulture) ?? "-", Number(model.Specialisation), Number(model.Loss),
        .. heads[5..].Select(head => Number(model.Transfers.FirstOrDefault(transfer => "CDTR " + transfer.Domain == head)?.Share)),
    ];

    private static string Number(double? value) => value?.ToString("F3", CultureInfo.InvariantCulture) ?? "-";
}
