using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Thimble.Models.Chat;

/// <summary>JSON as values of a template.</summary>
internal static class JsonValues
{
    /// <summary>Reads a JSON text.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryRead(string json, [NotNullWhen(true)] out JinjaValue? value)
    {
        value = null;
        try
        {
            using var document = JsonDocument.Parse(json);
            value = Of(document.RootElement);
            return true;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)   // the latter: half a surrogate pair; JsonDocument cannot be asked first
        {
            return false;
        }
    }

    public static JinjaValue Of(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var dict = new DictValue();
                foreach (JsonProperty property in element.EnumerateObject())
                    dict[property.Name] = Of(property.Value);
                return dict;
            case JsonValueKind.Array:
                return new ListValue([.. element.EnumerateArray().Select(Of)]);
            case JsonValueKind.String: return JinjaValue.Of(element.GetString()!);
            case JsonValueKind.True: return BooleanValue.True;
            case JsonValueKind.False: return BooleanValue.False;
            case JsonValueKind.Number: return Number(element);
            default: return NoneValue.Instance;
        }
    }

    private static JinjaValue Number(JsonElement element)
    {
        bool isWhole = element.GetRawText().AsSpan().IndexOfAny(".eE") < 0;
        return isWhole && element.TryGetInt64(out long whole) ? JinjaValue.Of(whole) : JinjaValue.Of(element.GetDouble());
    }
}
