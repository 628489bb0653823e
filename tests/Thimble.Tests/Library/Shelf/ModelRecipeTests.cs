using Thimble.Library;

namespace Thimble.Tests.Library.Shelf;

public class ModelRecipeTests
{
    [Fact]
    public void A_modelfile_is_read()
    {
        var recipe = ModelRecipe.Parse("# a comment\r\nfrom tales:small\nPARAMETER temperature 0.5\nPARAMETER stop \"<|end|>\"\nPARAMETER stop 12\nparameter num_ctx 4096\n" +
            "SYSTEM \"\"\"You tell tales.\n  Of dogs.\"\"\"\nTEMPLATE \"{{ x }}\"\nLICENSE MIT\n");
        Assert.Equal(("tales:small", "You tell tales.\n  Of dogs.", "{{ x }}", "MIT"), (recipe.From, recipe.System, recipe.Template, recipe.License));
        Assert.Equal("""["\u003C|end|\u003E","12"]""", recipe.Parameters["stop"].GetRawText());
        Assert.Equal((0.5, 4096), (recipe.Parameters["temperature"].GetDouble(), recipe.Parameters["num_ctx"].GetInt32()));
        Assert.Null(recipe.Adapters);
    }

    [Theory, InlineData("SYSTEM x", "no FROM"), InlineData("FROM", "Line 1"), InlineData("FROM x\nSYSTEM \"\"\"open", "line 2"), InlineData("FROM x\nPARAMETER stop", "Line 2")]
    public void A_damaged_modelfile_says_where(string text, string part) =>
        Assert.Contains(part, Assert.Throws<InvalidDataException>(() => ModelRecipe.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_instruction_is_named_with_those_that_are_known() =>
        Assert.Contains("'MESSAGE'; known: ADAPTER, FROM", Assert.Throws<NotSupportedException>(() => ModelRecipe.Parse("FROM x\nMESSAGE user hi")).Message, StringComparison.Ordinal);

    [Fact]
    public void Ollama_s_templates_are_known_by_their_marks()
    {
        string? chatml = ForeignTemplate.Jinja("{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}", own: null);
        var template = Thimble.Models.Chat.ChatTemplate.Parse(chatml!);
        Assert.Equal("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n", template.Render([new("user", "hi")]));
        Assert.Null(ForeignTemplate.Jinja("{{ .System }} {{ .Prompt }}", own: null));
        Assert.Null(ForeignTemplate.Jinja("{{ if .System }}<|odd|>{{ end }}", own: "{{ messages }}"));
        Assert.Equal("{% if x %}", ForeignTemplate.Jinja("{% if x %}", own: "y"));
        Assert.Contains("<|im_start|>", Assert.Throws<NotSupportedException>(() => ForeignTemplate.Jinja("{{ if .System }}<|odd|>{{ end }}", own: null)).Message, StringComparison.Ordinal);
    }
}
