using System.CommandLine;
using System.Globalization;

namespace Thimble.Cli.Options;

/// <summary>An adapter as the command line names it.</summary>
/// <param name="Path">Its file or folder.</param>
/// <param name="Scale">How strongly it counts.</param>
/// <param name="Layers">Behind which layers a control vector is added; null for all it has.</param>
internal sealed record AdapterRequest(string Path, float Scale = 1, (int First, int Last)? Layers = null);

/// <summary>The options for adapters, named as llama-cli names them.</summary>
internal sealed class AdapterOptions(bool merges)
{
    private const string Scaled = "--lora-scaled", ScaledVector = "--control-vector-scaled", Range = "--control-vector-layer-range";

    private readonly Option<string[]> _lora = new("--lora")
    {
        Description = merges ? "A LoRA adapter to add to the weights. May be repeated." : "A LoRA adapter: a GGUF file, or a folder of PEFT. May be repeated.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _scaled = new(Scaled) { Description = "A LoRA adapter and its scale. May be repeated.", HelpName = "FILE SCALE" };
    private readonly Option<string[]> _vector = new("--control-vector") { Description = "A control vector. May be repeated.", HelpName = "FILE" };
    private readonly Option<string[]> _scaledVector = new(ScaledVector) { Description = "A control vector and its scale. May be repeated.", HelpName = "FILE SCALE" };
    private readonly Option<string> _range = new(Range) { Description = "Add control vectors only behind these layers.", HelpName = "FIRST LAST" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in merges ? (Option[])[_lora, _scaled] : [_lora, _scaled, _vector, _scaledVector, _range])
            command.Options.Add(option);
    }

    /// <summary>The adapters that were asked for.</summary>
    /// <exception cref="ArgumentException">A scale or a range is none.</exception>
    public IReadOnlyList<AdapterRequest> Read(ParseResult parsed)
    {
        List<AdapterRequest> adapters = [.. Plain(_lora), .. WithScale(_scaled, Scaled)];
        if (merges)
            return adapters;

        (int First, int Last)? layers = parsed.GetValue(_range) is { } range ? Layers(range) : null;
        return [.. adapters, .. Plain(_vector).Concat(WithScale(_scaledVector, ScaledVector)).Select(vector => vector with { Layers = layers })];

        IEnumerable<AdapterRequest> Plain(Option<string[]> option) => (parsed.GetValue(option) ?? []).Select(path => new AdapterRequest(path));

        IEnumerable<AdapterRequest> WithScale(Option<string[]> option, string name) => (parsed.GetValue(option) ?? []).Select(text => Parse(text, name));
    }

    /// <summary>Loads adapters for a model.</summary>
    public static IReadOnlyList<AppliedAdapter> Load(IReadOnlyList<AdapterRequest> requests, Model model) =>
        [.. requests.Select(request => new AppliedAdapter(model.LoadAdapter(request.Path), request.Scale) { Layers = request.Layers })];

    /// <summary>The words with the two values of an option as one, so that no word of a prompt is taken for a value.</summary>
    public static string[] Joined(string[] words)
    {
        List<string> joined = [];
        for (int i = 0; i < words.Length; i++)
        {
            joined.Add(words[i]);
            if (words[i] == "--")
                return [.. joined, .. words[(i + 1)..]];
            if (words[i] is not (Scaled or ScaledVector or Range) || i + 2 >= words.Length || !IsNumber(words[i + 2]) || (words[i] != Range && IsScaled(words[i + 1])))
                continue;
            joined.Add($"{words[i + 1]}:{words[i + 2]}");
            i += 2;
        }

        return [.. joined];
    }

    private static bool IsNumber(string text) => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static bool IsScaled(string text) => text.LastIndexOf(':') is > 0 and var at && IsNumber(text[(at + 1)..]);

    private static AdapterRequest Parse(string text, string option) =>
        text.LastIndexOf(':') is > 0 and var at && float.TryParse(text.AsSpan(at + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out float scale)
            ? new(text[..at], scale)
            : throw new ArgumentException($"{option}: '{text}' has no scale; expected a file and a number, as in '{option} a.gguf 0.5'.", nameof(text));

    private static (int First, int Last) Layers(string text) =>
        text.Split(':') is [var first, var last]
        && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out int from) && int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out int to)
            ? (from, to)
            : throw new ArgumentException($"{Range}: '{text}' is no range; expected two layers, as in '{Range} 4 12'.", nameof(text));
}
