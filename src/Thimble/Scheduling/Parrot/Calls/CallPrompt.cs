using System.Text.Json;

namespace Thimble.Scheduling;

/// <summary>A ready call's prompt: its text up to the first output, and names of its beginnings.</summary>
internal static class CallPrompt
{
    private const ulong Mix = 0x9E3779B97F4A7C15;

    /// <summary>Names of a call's beginnings, one for each variable boundary up to the first output: equal names are equal texts of one tenant.</summary>
    /// <remarks>A constant is named by its text and a variable by its id, so that a beginning has a name before any value is there, a
    /// written one too; only prompts whose texts are shared by construction are compared, never every prefix of every text.</remarks>
    public static ulong[] Prefixes(SemanticCall call)
    {
        List<ulong> names = [];
        ulong name = HashOf(Mix, call.Session.Tenant);
        foreach (TemplatePiece piece in call.Function.Pieces)
        {
            if (piece.Kind == PieceKind.Output)
                break;
            name = piece.Kind == PieceKind.Constant ? HashOf(name, piece.Text) : HashOf(HashOf(name + 1, call[piece.Text].Id), Transform(call, piece.Text) ?? "");
            names.Add(name);
        }

        return [.. names];
    }

    /// <summary>Adds a piece to a prompt.</summary>
    /// <param name="call">The call.</param>
    /// <param name="piece">A constant or an input whose value is there.</param>
    /// <param name="prompt">The prompt.</param>
    /// <exception cref="InvalidDataException">A transform does not fit the value.</exception>
    public static void Add(SemanticCall call, TemplatePiece piece, GrowingPrompt prompt)
    {
        if (piece.Kind == PieceKind.Constant)
        {
            prompt.Add(piece.Text, call.Options.Generation.ParseSpecial);
            return;
        }

        SemanticVariable variable = call[piece.Text];
        string? transform = Transform(call, piece.Text);
        if (transform is null && variable.Tokens.Length > 0 && variable.Vocabulary == prompt.Vocabulary && !prompt.IsEmpty)
            prompt.Add(variable.Tokens);   // as the model wrote it: the same tokens, and so perhaps a known beginning
        else
            prompt.Add(Apply(transform, variable), parseSpecial: false);
    }

    /// <summary>Refuses a transform that is not known.</summary>
    /// <exception cref="NotSupportedException">It is not known.</exception>
    public static void RequireKnown(string transform)
    {
        if (transform is not ("trim" or "first-line") && !transform.StartsWith("json:", StringComparison.Ordinal))
            throw new NotSupportedException($"The transform '{transform}' is unknown; known: trim, first-line, json:FIELD.");
    }

    private static string? Transform(SemanticCall call, string name) => call.Options.Transforms.GetValueOrDefault(name);

    private static string Apply(string? transform, SemanticVariable variable) => transform switch
    {
        null => variable.Text,
        "trim" => variable.Text.Trim(),
        "first-line" => variable.Text.TrimStart().Split('\n')[0].TrimEnd(),
        _ => Field(variable, transform["json:".Length..]),
    };

    private static string Field(SemanticVariable variable, string field)
    {
        try
        {
            using var json = JsonDocument.Parse(variable.Text);
            JsonElement value = json.RootElement.GetProperty(field);
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"The value of '{variable.Name}' is no JSON object with a field '{field}', which a call reads of it.", fault);
        }
    }

    private static ulong HashOf(ulong seed, string text)
    {
        ulong hash = seed ^ (ulong)text.Length;
        foreach (char c in text)
            hash = (hash ^ c) * 0xD6E8FEB86659FD93 ^ (hash >> 31);
        return hash * Mix;
    }
}
