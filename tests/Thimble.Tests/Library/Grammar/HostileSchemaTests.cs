using System.Text;

namespace Thimble.Tests.Library.Grammar;

public sealed class HostileSchemaTests
{
    [Fact]
    public void Schema_bombs_are_refused_or_compiled_never_hung_on()
    {
        foreach (string bomb in Bombs())
        {
            try
            {
                Formats.Takes(OutputFormat.JsonSchema(bomb), """{"a":[1,"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}""");
            }
            catch (Exception refusal) when (refusal is CapacityException or ArgumentException or NotSupportedException)
            {
                Assert.True(refusal.Message.Length > 20, refusal.Message);
            }
        }
    }

    [Fact]
    public void Deep_schema_is_refused()
    {
        string deep = string.Concat(Enumerable.Repeat("""{"not":""", 100_000)) + "true" + new string('}', 100_000);
        Assert.Contains("no JSON", Assert.Throws<ArgumentException>(() => OutputFormat.JsonSchema(deep)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""", "without end")]
    [InlineData("""{"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/a"}]}}}""", "without end")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""", "No value")]
    [InlineData("""{"type":"integer","minimum":5,"maximum":4}""", "No value")]
    [InlineData("""{"type":"string","format":"idn-hostname"}""", "/format")]
    [InlineData("""{"properties":{"a":{"$ref":"http://x/y"}}}""", "/properties/a/$ref")]
    [InlineData("""{"properties":{"a":{"type":"array","uniqueItems":true}}}""", "/properties/a/uniqueItems")]
    [InlineData("""{"properties":{"a":{"pattern":"(a)\\1"}}}""", "/properties/a/pattern")]
    [InlineData("""{"type":"strin"}""", "/type")]
    [InlineData("""{"minLength":-1}""", "/minLength")]
    public void What_is_wrong_or_cannot_be_is_named(string schema, string word) =>
        Assert.Contains(word, Assert.ThrowsAny<Exception>(() => Formats.Takes(OutputFormat.JsonSchema(schema), "{}")).Message, StringComparison.Ordinal);

    private static IEnumerable<string> Bombs()
    {
        yield return """{"type":"array","items":{"type":"string","minLength":50000,"pattern":"(a|b)*a(a|b){20}$"},"minItems":100000}""";
        yield return $$"""{"oneOf":[{{Many(30, i => $$"""{"properties":{"a{{i}}":{"type":"string"},"b{{i}}":{"minimum":{{i}}}}}""")}}]}""";
        yield return $$"""{"allOf":[{{Many(20, i => $$"""{"anyOf":[{"required":["a{{i}}"]},{"required":["b{{i}}"]},{"maxProperties":{{i}}}]}""")}}]}""";
        yield return $$"""{"$defs":{"d0":{"type":"object"},{{Many(40, i => $$"""{"anyOf":[{"$ref":"#/$defs/d{{i}}"},{"$ref":"#/$defs/d{{i}}"}]}""", i => $"\"d{i + 1}\":")}}},"$ref":"#/$defs/d40"}""";
        yield return $$"""{"patternProperties":{{{Many(30, i => "{}", i => $"\"x{i}.*y\":")}}}}""";
        yield return """{"type":"integer","multipleOf":9999,"minimum":1,"maximum":100000000000000000000,"not":{"multipleOf":9998}}""";
        yield return """{"type":"string","allOf":[{"pattern":"a.{12}b"},{"pattern":"c.{13}d"},{"not":{"pattern":"e.{14}f"}}],"maxLength":60}""";
        yield return """{"enum":["x","y"],"minLength":1e400}""";
        yield return """{"minimum":1e999999999}""";
        yield return $$"""{"not":{"not":{"anyOf":[{{Many(200, i => $$"""{"not":{"properties":{"k{{i}}":{"const":{{i}}}},"required":["k{{i}}"]}}""")}}]}}}""";
    }

    private static string Many(int count, Func<int, string> part, Func<int, string>? key = null)
    {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++)
            text.Append(i == 0 ? "" : ",").Append(key?.Invoke(i)).Append(part(i));
        return text.ToString();
    }
}
