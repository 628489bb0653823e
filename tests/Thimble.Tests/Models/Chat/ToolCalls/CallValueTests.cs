using Thimble.Models.Chat;

namespace Thimble.Tests.Models.Chat;

public sealed class CallValueTests
{
    [Theory]
    [InlineData("{'a': [1, -2.5, 1e3], \"b\": (True, None)}", "{\"a\": [1, -2.5, 1e3], \"b\": [true, null]}")]
    [InlineData("'it\\'s \\n \\x41 \\u00e9 \\q'", "\"it's \\n A é \\\\q\"")]
    [InlineData("[1, 2,]", "[1, 2]")]
    [InlineData("{a: {}}", "{\"a\": {}}")]
    [InlineData(".5", "0.5")]
    public void Python_becomes_JSON(string text, string json) => Assert.Equal(json, PythonValue.ToJson(text));

    [Theory]
    [InlineData("name")]
    [InlineData("'open")]
    [InlineData("[1, 2")]
    [InlineData("[1 2]")]
    [InlineData("{1: 2")]
    [InlineData("'\\u12")]
    [InlineData("1e999")]
    [InlineData("")]
    public void What_is_no_Python_is_refused(string text) => Assert.Null(PythonValue.ToJson(text));

    [Fact]
    public void Depth_is_bounded()
    {
        Assert.Null(PythonValue.ToJson(new string('[', 100_000)));
        Assert.Null(JsonTexts.Parse(new string('[', 100_000)));
    }

    [Theory]
    [InlineData("{\"a\": \"one\ntwo\"}", "one\ntwo")]
    [InlineData("{\"a\": \"\\ud83d\"}", "\ufffd")]
    [InlineData("{\"a\": \"\\\\ud83d\"}", "\\ud83d")]
    [InlineData("{\"a\": \"\\ud83d\\ude00\"}", "😀")]
    [InlineData("{\"a\": \"\ud83d x\"}", "\ufffd x")]
    public void Texts_that_JSON_does_not_allow_are_mended(string json, string text) =>
        Assert.Equal(text, JsonTexts.Text(JsonTexts.Parse(json)!.Value.GetProperty("a")));
}
