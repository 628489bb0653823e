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
        yield return Many("""{"oneOf":[""", 30, """{"properties":{"a#":{"type":"string"},"b#":{"minimum":#}}}""", "]}");
        yield return Many("""{"allOf":[""", 20, """{"anyOf":[{"required":["a#"]},{"required":["b#"]},{"maxProperties":#}]}""", "]}");
        yield return Many("""{"$ref":"#/$defs/d0","$defs":{""", 40, """ "d#":{"anyOf":[{"$ref":"#/$defs/d+"},{"$ref":"#/$defs/d+"}]}""", ""","d40":{"type":"object"}}}""");
        yield return Many("""{"patternProperties":{""", 30, """ "x#.*y":{}""", "}}");
        yield return """{"type":"integer","multipleOf":9999,"minimum":1,"maximum":100000000000000000000,"not":{"multipleOf":9998}}""";
        yield return """{"type":"string","allOf":[{"pattern":"a.{12}b"},{"pattern":"c.{13}d"},{"not":{"pattern":"e.{14}f"}}],"maxLength":60}""";
        yield return """{"enum":["x","y"],"minLength":1e400}""";
        yield return """{"minimum":1e999999999}""";
        yield return Many("""{"not":{"not":{"anyOf":[""", 200, """{"not":{"properties":{"k#":{"const":#}},"required":["k#"]}}""", "]}}}");
    }

    private static string Many(string before, int count, string part, string behind)
    {
        var text = new StringBuilder(before);
        for (int i = 0; i < count; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(part.Replace("#/", "\u0001", StringComparison.Ordinal).Replace("#", $"{i}", StringComparison.Ordinal)
                .Replace("+", $"{i + 1}", StringComparison.Ordinal).Replace("\u0001", "#/", StringComparison.Ordinal));
        }

        return text.Append(behind).ToString();
    }
}
