using System.Text.Json;
using Thimble.Models.Chat;

namespace Thimble.Tests.Models.Chat;

/// <summary>Small templates, each showing one feature, against what Jinja itself makes of them; <c>Golden/chat-templates/features.py</c> wrote them.</summary>
public sealed class JinjaFeatureTests
{
    [Fact]
    public void Every_feature_gives_what_Jinja_gives()
    {
        int right = 0;
        var wrong = new List<string>();
        foreach (string line in File.ReadLines(Golden.Path("chat-templates/features.jsonl")))
        {
            JsonElement expected = JsonDocument.Parse(line).RootElement;
            if (Difference(expected) is { } difference)
                wrong.Add($"{expected.GetProperty("template")}: {difference}");
            else
                right++;
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {wrong.Count + right} differ.\n{string.Join('\n', wrong)}");
        Assert.True(right > 1000, $"Only {right} ran.");
    }

    private static string? Difference(JsonElement expected)
    {
        string text;
        try
        {
            text = Render(expected.GetProperty("template").GetString()!);
        }
        catch (Exception refusal) when (refusal is InvalidDataException or ArgumentException)
        {
            return expected.TryGetProperty("error", out _) ? null : $"expected «{expected.GetProperty("text")}», got {refusal.Message}";
        }
        if (expected.TryGetProperty("error", out JsonElement error))
            return $"expected {error}, got «{text}»";
        return text == expected.GetProperty("text").GetString() ? null : $"expected «{expected.GetProperty("text")}», got «{text}»";
    }

    private static string Render(string template)
    {
        using var context = JsonDocument.Parse(File.ReadAllText(Golden.Path("chat-templates/features-context.json")));
        var variables = context.RootElement.EnumerateObject()
            .ToDictionary(entry => entry.Name, entry => JsonValues.Of(entry.Value));
        return JinjaTemplate.Read(template).Render(variables, new(), new StoppedClock());
    }
}
