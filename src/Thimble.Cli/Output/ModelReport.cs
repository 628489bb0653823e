using System.Globalization;
using Thimble.Library;
using Thimble.Models.Files;

namespace Thimble.Cli.Output;

/// <summary>What a model file holds, for people and for programs.</summary>
internal sealed class ModelReport(ModelFile file)
{
    private const int LongestText = 120;

    private static readonly string[] s_licence = ["general.license", "general.license.name", "general.license.link"];

    private readonly ModelSummary _summary = ModelSummary.Of(file);

    public string Path => file.Path;

    /// <summary>The chat template, or null.</summary>
    public string? Template => Text("tokenizer.chat_template");

    /// <summary>Writes all of it.</summary>
    public void Write(TextWriter output, bool tensors)
    {
        if (AdapterReport.IsAdapter(file))
            AdapterReport.Write(file, output);
        else
            WriteSummary(output);
        WriteLicense(output);
        output.WriteLine("Metadata");
        TextTable.Write(output, [.. file.Metadata.Keys.Select(key => (string[])[key, MetadataText.Short(file.Metadata, key, LongestText)])], "  ");
        if (!tensors)
            return;

        output.WriteLine();
        output.WriteLine("Tensors");
        TextTable.Write(
            output,
            [.. file.Tensors.Select(tensor => (string[])[tensor.Name, tensor.Format, $"[{string.Join(", ", tensor.Shape)}]", Units.Bytes(tensor.Length)])],
            "  ");
    }

    /// <summary>Writes what it comes to.</summary>
    public void WriteSummary(TextWriter output)
    {
        List<string[]> rows =
        [
            ["name", _summary.Name ?? "-"],
            ["architecture", $"{_summary.Architecture ?? "-"}{(_summary.IsRunnable ? "" : " (not known to this build)")}"],
            ["parameters", Units.Count(_summary.Parameters)],
            ["tensors", file.Tensors.Count.ToString(CultureInfo.InvariantCulture)],
            ["format", string.Create(CultureInfo.InvariantCulture, $"{_summary.Format} ({_summary.BitsPerWeight:F2} bits a weight)")],
            ["context length", _summary.ContextLength?.ToString(CultureInfo.InvariantCulture) ?? "-"],
            ["chat template", Template is null ? "none: it continues text" : "yes"],
        ];
        List<string[]> memory =
        [
            ["weights", Units.Bytes(_summary.Bytes)],
            ["cache", _summary.CacheBytesPerToken is { } bytes ? $"{Units.Bytes(bytes * 1000)} for 1,000 tokens (F16)" : "unknown"],
        ];
        if (_summary.Projector is { } projector)
        {
            rows = [.. rows.Where(row => row[0] is not ("context length" or "chat template"))];
            rows[1] = ["architecture", "clip: it gives sight to a text model; put it beside that, or name it with --mmproj"];
            rows.Insert(2, ["projector", projector + (ModelSummary.KnownProjectors.Contains(projector) ? "" : $" (not known to this build, which knows {string.Join(", ", ModelSummary.KnownProjectors)})")]);
            memory.RemoveAt(1);
        }
        else if (file.Tensors.Count == 0)
        {
            rows.Insert(2, ["holds", "no weights" + (file.Metadata.TryGet("tokenizer.ggml.tokens", out _) ? ": a vocabulary alone, for thimble tokenize" : "")]);
        }

        if (!_summary.IsRunnable && _summary.Projector is null && _summary.SuggestedBlocks.Count > 0)
            rows.Insert(2, ["it would need", string.Join(", ", _summary.SuggestedBlocks)]);
        if (!_summary.IsRunnable && _summary.Projector is null)
            rows.Insert(rows.FindIndex(row => row[0] == "parameters"), ["known ones", string.Join(", ", ModelSummary.KnownArchitectures)]);
        output.WriteLine("Model");
        TextTable.Write(output, rows, "  ");
        output.WriteLine();
        output.WriteLine("Memory");
        TextTable.Write(output, memory, "  ");
        output.WriteLine();
    }

    /// <summary>Writes what the file says of its licence.</summary>
    public void WriteLicense(TextWriter output)
    {
        output.WriteLine("License");
        string[] said = [.. s_licence.Select(Text).OfType<string>()];
        foreach (string line in said.Length == 0 ? ["the file does not say"] : said)
            output.WriteLine($"  {line}");
        output.WriteLine();
    }

    /// <summary>All of it as one object.</summary>
    public ShowReport ToJson() => new(
        file.Path, _summary.Architecture, _summary.IsRunnable, _summary.Parameters, _summary.Format, Math.Round(_summary.BitsPerWeight, 4), _summary.Bytes,
        _summary.ContextLength, _summary.CacheBytesPerToken, Template, MetadataText.Json(file.Metadata),
        [.. file.Tensors.Select(tensor => new TensorReport(tensor.Name, tensor.Format, tensor.Shape, tensor.Length))]);

    private string? Text(string key) => file.Metadata.TryGet(key, out object? value) ? value as string : null;
}
