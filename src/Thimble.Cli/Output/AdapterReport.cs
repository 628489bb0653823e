using System.Globalization;
using System.Text.Json;
using Thimble.Models.Files;

namespace Thimble.Cli.Output;

/// <summary>What an adapter is and what it changes.</summary>
internal static class AdapterReport
{
    private const string Config = "adapter_config.json", A = ".lora_a", B = ".lora_b", Direction = "direction.";

    /// <summary>Whether a file is an adapter.</summary>
    public static bool IsAdapter(ModelFile file) => Text(file, "general.type") == "adapter" || IsVector(file);

    /// <summary>Whether a path is a folder as PEFT writes it.</summary>
    public static bool IsFolder(string path) => File.Exists(Path.Combine(path, Config));

    /// <summary>Writes what an adapter's file comes to.</summary>
    public static void Write(ModelFile file, TextWriter output)
    {
        List<string[]> rows = [["name", Text(file, "general.name") ?? "-"]];
        if (IsVector(file))
        {
            string[] layers = [.. file.Tensors.Select(tensor => tensor.Name).Where(name => name.StartsWith(Direction, StringComparison.Ordinal)).Select(name => name[Direction.Length..])];
            rows.Add(["kind", "control vector: a direction added behind each of some layers"]);
            rows.Add(["made with", Text(file, "controlvector.model_hint") ?? "-"]);
            rows.Add(["layers", string.Join(", ", layers)]);
            rows.Add(["features", file.Tensors.FirstOrDefault()?.Columns.ToString(CultureInfo.InvariantCulture) ?? "-"]);
            rows.Add(["use", $"thimble run MODEL --control-vector {Path.GetFileName(file.Path)}"]);
        }
        else
        {
            long[] ranks = [.. file.Tensors.Where(tensor => tensor.Name.EndsWith(B, StringComparison.Ordinal)).Select(tensor => tensor.Columns).Distinct().Order()];
            bool invoked = file.Metadata.TryGet("adapter.alora.invocation_tokens", out _);
            rows.Add(["kind", $"adapter, {Text(file, "adapter.type") ?? "of unknown type"}{(invoked ? ", from its invocation tokens on (aLoRA)" : "")}"]);
            rows.Add(["architecture", Text(file, "general.architecture") ?? "-"]);
            rows.Add(["alpha", file.Metadata.TryGet("adapter.lora.alpha", out object? alpha) ? Convert.ToString(alpha, CultureInfo.InvariantCulture)! : "none: changes count as they are"]);
            rows.Add(["rank", string.Join(", ", ranks)]);
            rows.Add(["changes", Targets(file)]);
            rows.Add(["use", $"thimble run MODEL --lora {Path.GetFileName(file.Path)}"]);
        }

        rows.Add(["size", Units.Bytes(file.Tensors.Sum(tensor => tensor.Length))]);
        WriteTable(rows, output);
    }

    /// <summary>Writes what a folder of PEFT says of itself.</summary>
    public static void WriteFolder(string folder, TextWriter output)
    {
        using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, Config)));
        List<string[]> rows = [["kind", "adapter in a folder as PEFT writes it"]];
        foreach (string field in (string[])["peft_type", "base_model_name_or_path", "r", "lora_alpha", "use_rslora", "target_modules", "rank_pattern", "alpha_pattern"])
        {
            if (config.RootElement.ValueKind == JsonValueKind.Object && config.RootElement.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
                rows.Add([field, value.ToString()]);
        }

        rows.Add(["use", $"thimble run MODEL --lora {Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))}"]);
        WriteTable(rows, output);
    }

    private static void WriteTable(List<string[]> rows, TextWriter output)
    {
        output.WriteLine("Adapter");
        TextTable.Write(output, rows, "  ");
        output.WriteLine();
    }

    /// <summary>The kinds of weights that change, each with how many there are.</summary>
    private static string Targets(ModelFile file) => string.Join(", ", file.Tensors
        .Where(tensor => tensor.Name.EndsWith(A, StringComparison.Ordinal))
        .Select(tensor => tensor.Name[..^A.Length].Replace(".weight", "", StringComparison.Ordinal))
        .GroupBy(name => name[(name.LastIndexOf('.') + 1)..])
        .Select(group => group.Count() == 1 ? group.Key : $"{group.Key} ({group.Count()})"));

    private static bool IsVector(ModelFile file) => Text(file, "general.architecture") == "controlvector";

    private static string? Text(ModelFile file, string key) => file.Metadata.TryGet(key, out object? value) ? value as string : null;
}
