namespace Thimble.Lab.Evaluate;

/// <summary>One task of SmartBench.</summary>
/// <param name="Name">Its name, and its file's.</param>
/// <param name="Items">Items that the published file has.</param>
/// <param name="MaxTokens">The longest answer.</param>
/// <param name="Start">What stands before the text that an input is about.</param>
/// <param name="End">What stands behind it.</param>
/// <param name="Grade">How an answer is graded by rule; null where only a judge can.</param>
internal sealed record SmartTask(string Name, int Items, int MaxTokens, string Start, string End, Func<Exercise, string, IReadOnlyList<Grade>>? Grade)
{
    private const string Ask = "\n请直接输出";

    private static readonly Dictionary<string, SmartTask> s_named;

    static SmartTask() => s_named = All.ToDictionary(task => task.Name, StringComparer.Ordinal);

    /// <summary>The tasks.</summary>
    public static IReadOnlyList<SmartTask> All { get; } =
    [
        new("通知排序", 73, 256, "通知内容如下：\n", Ask, Ordering.Grade),
        new("事件抽取", 170, 256, "【输入文本】：\n", "\n【抽取结果】", Extraction.Events),
        new("关系抽取", 120, 256, "## 输入\n", "\n## 输出", Extraction.Relations),
        new("实体抽取", 72, 256, "【信息记录】如下：\n", "\n【输出要求】", Extraction.Entities),
        new("文本纠错", 197, 256, "待纠正的文本如下：\n", Ask, Extraction.Corrections),
        new("文档问答", 191, 128, "[文档内容]：\n", "\n[具体问题]", PassageF1),
        new("个人问答", 188, 128, "[文档内容]：\n", "\n[具体问题]", PassageF1),
        new("文本排版", 175, 1024, "文本内容如下：\n", Ask, Layout.Grade),
        new("会议摘要", 192, 512, "文本如下：\n", "", Summaries.Outline),
        new("录音摘要", 55, 512, "录音文本如下：\n", "", Summaries.Outline),
        new("文档摘要", 137, 512, "文本如下：\n", "", Summaries.Outline),
        new("通话摘要", 166, 512, "通话内容如下：\n", "", Summaries.Outline),
        new("消息总结", 116, 128, "总结以下消息：\n", "", Summaries.Message),
        new("即时回复", 134, 64, "对话如下：\n", "\n用户：", null),
        new("文本创作", 167, 256, "如下：\n", "", null),
        new("文本扩写", 183, 256, "内容如下：\n", "", null),
        new("文本润色", 146, 128, "文本内容如下：\n", "\n润色后文本", null),
        new("文本续写", 199, 512, "如下：\n", "", null),
        new("文本缩写", 176, 256, "如下：\n", "", null),
        new("检索问答", 116, 512, "[文档内容]：\n", "\n[问题]", null),
    ];

    /// <summary>The task of a name.</summary>
    public static SmartTask Named(string name) => s_named[name];

    /// <summary>The text that an input is about; all of it where the marks are not found.</summary>
    public string Body(string input)
    {
        // The text itself may hold the mark again, and examples before it may too: the mark closest to the text is the last before its end.
        int end = End.Length > 0 ? input.LastIndexOf(End, StringComparison.Ordinal) : -1;
        string before = end < 0 ? input : input[..end];
        int start = End.Length > 0 ? before.LastIndexOf(Start, StringComparison.Ordinal) : before.IndexOf(Start, StringComparison.Ordinal);
        return start < 0 ? before : before[(start + Start.Length)..];
    }

    /// <summary>What is asked about the text: what stands behind it.</summary>
    public string Query(string input)
    {
        int end = End.Length > 0 ? input.LastIndexOf(End, StringComparison.Ordinal) : -1;
        return end < 0 ? Body(input) : input[(end + End.Length)..];
    }

    /// <summary>An answer that is a passage of the document.</summary>
    private static IReadOnlyList<Grade> PassageF1(Exercise exercise, string answer) =>
        [new("score", Overlap.Characters(answer, exercise.Target)), new("exact", Overlap.Bare(answer) == Overlap.Bare(exercise.Target) ? 1 : 0)];
}
