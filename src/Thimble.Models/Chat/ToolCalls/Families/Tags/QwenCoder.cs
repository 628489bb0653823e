using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as Qwen3-Coder writes them: <c>&lt;function=name&gt;&lt;parameter=p&gt;…</c> in <c>&lt;tool_call&gt;</c>, which it forgets at times. Nemotron 3, Step 3.5 and Seed do the same.</summary>
/// <remarks>Source: the templates of Qwen3-Coder and Seed-OSS.</remarks>
internal static class QwenCoder
{
    private static readonly TagRule s_rule = new(NameEnd: ">", Key: "<parameter=", KeyEnd: ">", Value: "", Shut: "</parameter>");
    private static readonly CallSyntax s_call = new("<function=", () => new MarkEnd("</function>", "<parameter=", "</parameter>", ">"), s_rule.Read);

    [ModuleInitializer]
    internal static void Register()
    {
        ReplyFamilies.Add(new("qwen-coder", "<function=", "<parameter=", "</parameter>") { Calls = [s_call], Before = ["<tool_call>"], After = ["</tool_call>"] });
        ReplyFamilies.Add(new("seed", "<seed:tool_call>", "<function=", "<parameter=", "</parameter>")
        {
            Calls = [s_call],
            Before = ["<seed:tool_call>"],
            After = ["</seed:tool_call>"],
        });
    }
}
