using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Thimble.Models.Chat;

namespace Thimble.Tests.Models.Chat;

/// <summary>Every template in every case against what Jinja itself renders; <c>Golden/chat-templates/expect.py</c> wrote the expectations.</summary>
public sealed class ChatTemplateGoldenTests
{
    private const string Templates = "data/chat-templates";

    private static readonly JsonElement s_cases =
        JsonDocument.Parse(File.ReadAllText(Golden.Path("chat-templates/cases.json"))).RootElement;

    [Fact]
    public void Copied_templates_render_as_Jinja_renders_them() =>
        Check(Golden.Path("chat-templates"), "text", atLeast: 850);

    [SharedFact(Templates, 3952), Trait("Speed", "Slow")]
    public void All_other_templates_render_as_Jinja_renders_them() =>
        Check(Golden.Shared(Templates), "sha256", atLeast: 3400);

    private static void Check(string folder, string kind, int atLeast)
    {
        int right = 0;
        var wrong = new List<string>();
        foreach (IGrouping<string, JsonElement> template in Expectations().GroupBy(line => line.GetProperty("template").GetString()!))
        {
            if (File.Exists(Golden.Path($"chat-templates/{template.Key}.jinja")) != (kind == "text"))
                continue;
            var read = ChatTemplate.Parse(File.ReadAllText(Path.Combine(folder, template.Key + ".jinja")));
            foreach (JsonElement line in template)
            {
                if (Difference(read, line) is { } difference)
                    wrong.Add($"{template.Key} {line.GetProperty("case")}: {difference}");
                else
                    right++;
            }
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {wrong.Count + right} cases differ.\n{string.Join('\n', wrong.Take(60))}");
        Assert.True(right >= atLeast, $"Only {right} cases ran.");
    }

    private static IEnumerable<JsonElement> Expectations() =>
        File.ReadLines(Golden.Path("chat-templates/expectations.jsonl")).Select(line => JsonDocument.Parse(line).RootElement);

    private static string? Difference(ChatTemplate template, JsonElement line)
    {
        (ChatTurn[] turns, ChatTemplateOptions options) = GoldenInputs.Read(s_cases.GetProperty(line.GetProperty("case").GetString()!));
        string text;
        try
        {
            text = template.Render(turns, options);
        }
        catch (Exception refusal) when (refusal is InvalidDataException or ArgumentException)
        {
            return line.TryGetProperty("error", out _) ? null : refusal.Message;
        }
        if (line.TryGetProperty("error", out JsonElement error))
            return $"should refuse ({error}) but gives: {Tail(text)}";
        if (line.TryGetProperty("sha256", out JsonElement hash))
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))) == hash.GetString() ? null : $"another text of {text.Length}: {Tail(text)}";
        return FirstDifference(line.GetProperty("text").GetString()!, text);
    }

    private static string? FirstDifference(string expected, string text)
    {
        if (expected == text)
            return null;
        int at = expected.Zip(text).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"at {at} expected «{expected[Math.Max(0, at - 20)..Math.Min(expected.Length, at + 40)]}», got «{text[Math.Max(0, at - 20)..Math.Min(text.Length, at + 40)]}»";
    }

    private static string Tail(string text) => text.Length > 100 ? "…" + text[^100..] : text;
}
