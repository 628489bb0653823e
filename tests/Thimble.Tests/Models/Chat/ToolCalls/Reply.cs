using System.Text;
using System.Text.Json;
using Thimble.Models.Chat;

namespace Thimble.Tests.Models.Chat;

/// <summary>A whole reply, its pieces joined: what must not depend on where the text was cut.</summary>
internal sealed record Reply(string Text, string Reasoning, string Calls, string Order)
{
    /// <summary>Reads a reply cut at these places.</summary>
    public static Reply Of(ReplyFormat format, string prompt, string text, params int[] cuts)
    {
        List<ReplyPart> parts = [];
        ReplyParser parser = format.Read(prompt);
        int from = 0;
        foreach (int cut in cuts.Append(text.Length))
        {
            parser.Push(text.AsSpan(from, cut - from), parts);
            from = cut;
        }

        parser.End(parts);
        return Of(parts);
    }

    public static Reply Of(IReadOnlyList<ReplyPart> parts)
    {
        StringBuilder text = new(), reasoning = new(), order = new();
        List<string> calls = [];
        foreach (ReplyPart part in parts)
        {
            if (part.Call is { } call)
                calls.Add(Written(call));
            (part.Kind == ReplyPartKind.Reasoning ? reasoning : text).Append(part.Text);
            char kind = "TRC"[(int)part.Kind];
            if (order.Length == 0 || order[^1] != kind || kind == 'C')
                order.Append(kind);
        }

        return new(text.ToString(), reasoning.ToString(), string.Join("; ", calls), order.ToString());
    }

    /// <summary>A call as one text, its arguments' spacing, order and escapes aside.</summary>
    public static string Written(ChatToolCall call)
    {
        using var arguments = JsonDocument.Parse(call.Arguments);
        Assert.Equal(JsonValueKind.Object, arguments.RootElement.ValueKind);
        return call.Name + Sorted(arguments.RootElement);
    }

    private static string Sorted(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().OrderBy(one => one.Name, StringComparer.Ordinal).Select(one => one.Name + ":" + Sorted(one.Value)))}}}",
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Sorted))}]",
        JsonValueKind.String => $"'{value.GetString()}'",
        _ => value.GetRawText(),
    };
}
