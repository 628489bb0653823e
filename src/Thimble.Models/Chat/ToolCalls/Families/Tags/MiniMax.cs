using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as MiniMax M2 writes them: <c>&lt;invoke name="…"&gt;&lt;parameter name="…"&gt;</c>. DeepSeek V3.2 and MiniCPM 5 do the same with their own marks.</summary>
/// <remarks>Source: the templates of MiniMax M2, DeepSeek V3.2 and MiniCPM 5.</remarks>
internal static class MiniMax
{
    [ModuleInitializer]
    internal static void Register()
    {
        ReplyFamilies.Add(new("minimax", "<minimax:tool_call>")
        {
            Calls = [Call("", "invoke", "parameter")],
            Before = ["<minimax:tool_call>"],
            After = ["</minimax:tool_call>"],
        });
        ReplyFamilies.Add(new("deepseek-markup", "<｜DSML｜invoke")
        {
            Calls = [Call("｜DSML｜", "invoke", "parameter")],
            Before = ["<｜DSML｜function_calls>", "<｜DSML｜tool_calls>"],
            After = ["</｜DSML｜function_calls>", "</｜DSML｜tool_calls>"],
        });
        ReplyFamilies.Add(new("minicpm", "<function name=\"", "<param name=\"") { Calls = [Call("", "function", "param")] });
    }

    private static CallSyntax Call(string prefix, string call, string parameter)
    {
        string key = $"<{prefix}{parameter} name=\"", shut = $"</{prefix}{parameter}>", close = $"</{prefix}{call}>";
        var rule = new TagRule("\">", key, "\"", "", shut);
        return new($"<{prefix}{call} name=\"", () => new MarkEnd(close, key, shut, "\""), rule.Read);
    }
}
