using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as GLM 4.5 and later write them: <c>&lt;tool_call&gt;name&lt;arg_key&gt;k&lt;/arg_key&gt;&lt;arg_value&gt;v&lt;/arg_value&gt;</c>. Laguna and Hunyuan 3 do the same with their own marks.</summary>
/// <remarks>Source: the templates of GLM 4.5 to 4.7 and Hunyuan 3.</remarks>
internal static class Glm
{
    [ModuleInitializer]
    internal static void Register()
    {
        ReplyFamilies.Add(new("glm", "<arg_key>", "<arg_value>") { Calls = [Call("", "<arg_key>")] });
        ReplyFamilies.Add(new("hunyuan-3", "<arg_key:opensource>")
        {
            Calls = [Call(":opensource", "<tool_sep:opensource>")],
            Before = ["<tool_calls:opensource>"],
            After = ["</tool_calls:opensource>"],
            Thinking = [("<think:opensource>", "</think:opensource>")],
        });
    }

    private static CallSyntax Call(string suffix, string nameEnd)
    {
        string value = $"<arg_value{suffix}>", shut = $"</arg_value{suffix}>", close = $"</tool_call{suffix}>";
        var rule = new TagRule(nameEnd, $"<arg_key{suffix}>", $"</arg_key{suffix}>", value, shut);
        return new($"<tool_call{suffix}>", () => new MarkEnd(close, value, shut, "<"), rule.Read);
    }
}
