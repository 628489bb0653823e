using Thimble.Lab.Evaluate;

namespace Thimble.Tests.Lab.Evaluate;

public class SmartBenchTests
{
    private const string Events = """[{"事件名": "乘机提醒", "属性": {"航班": "YZ1", "出发地": "北京"}}]""";
    private const string Relations = """[["小华", "摄影", "兴趣爱好"], ["李明", "烹饪", "兴趣爱好"]]""";
    private const string Entities = "日期与时间：1998\n地点：北京，上海\n人名：无\n机构名：无\n生活编码：无";
    private const string Corrections = "纠正后文本：再见著\n纠正内容：“在”纠正为“再”，“着”纠正为“著”";
    private const string Order = "1号\n第一条\n\n2号\n第二条\n\n3号\n第三条";

    /// <summary>Task, target, an answer, and the score known by hand.</summary>
    public static TheoryData<string, string, string, double> Mutations => new()
    {
        { "事件抽取", Events, Events, 1 },
        { "事件抽取", Events, """好的：[{"事件名":"乘机提醒","属性":{"航班":"YZ1"}}]""", 2 * 2 / 5.0 },   // one of three facts dropped
        { "事件抽取", Events, """[{"事件名":"乘机提醒","属性":{"航班":"YZ2","出发地":"北京"}}]""", 2 * 2 / 6.0 },
        { "事件抽取", Events, "没有事件", 0 },
        { "关系抽取", Relations, """[["小华","摄影","兴趣爱好"]]""", 2 / 3.0 },
        { "关系抽取", Relations, """[["摄影","小华","兴趣爱好"],["李明","烹饪","兴趣爱好"]]""", 2 * 1 / 4.0 },
        { "实体抽取", Entities, Entities, 1 },
        { "实体抽取", Entities, "日期与时间：1998\n地点：北京\n人名：无\n机构名：无\n生活编码：无", 2 * 2 / 5.0 },
        { "实体抽取", Entities, "日期与时间：无\n地点：1998，北京，上海", 2 * 2 / 6.0 },
        { "文本纠错", Corrections, Corrections, 1 },
        { "文本纠错", Corrections, "纠正后文本：再见着\n纠正内容：“在”纠正为“再”", 2 / 3.0 },
        { "文本纠错", "纠正后文本：好\n纠正内容：无", "好", 0 },
        { "通知排序", Order, Order + "\n", 1 },
        { "通知排序", Order, "2号\n第二条\n\n1号\n第一条\n\n3号\n第三条", 0 },
        { "文档问答", "商业电台", "商业电台。", 1 },
        { "文档问答", "商业电台", "商业", 2 * 2 / 6.0 },
        { "文档摘要", "概要：\n天气好\n1.晴", "概要：\n天气坏\n1.晴", 6.0 / 7 },
    };

    [Theory, MemberData(nameof(Mutations))]
    public void A_change_costs_what_it_should(string task, string target, string answer, double score) =>
        Assert.Equal(score, Mark(task, "", target, answer)[0].Value, 1e-9);

    [Fact]
    public void Pairs_the_right_way_round_count_where_the_whole_order_does_not()
    {
        Grade pairs = Mark("通知排序", "", Order, "2号\n第二条\n\n1号\n第一条\n\n3号\n第三条")[1];
        Assert.Equal(("pairs", 2 / 3.0), (pairs.Metric, pairs.Value));
    }

    [Fact]
    public void A_layout_must_keep_the_words_and_mark_lists_in_one_way()
    {
        const string Input = "文本内容如下：\n早饭：面包，牛奶。午饭：米饭。\n请直接输出排版结果：";
        Grade[] kept = [.. Mark("文本排版", Input, "", "## 早饭\n- 面包\n- 牛奶\n## 午饭\n- 米饭")];
        Grade[] lost = [.. Mark("文本排版", Input, "", "## 早饭\n- 面包\n1. 牛奶")];
        Assert.Equal([1, 1], kept.Select(grade => grade.Value));
        Assert.Equal([6 / 10.0, 0], lost.Select(grade => grade.Value));
        Assert.Equal(0, Mark("文本排版", Input, "", "早饭面包牛奶午饭米饭")[0].Value);
    }

    [Theory]
    [InlineData("好。{'准确性': 6, '综合得分': 8}", 0.8)]
    [InlineData("{'a': 2} 然后 {'a': 4, 'b': 6}", 0.5)]
    [InlineData("{'得分': 0.5}", 0.5)]
    [InlineData("没有分数", null)]
    public void A_verdict_is_the_last_group_of_scores(string text, double? value) => Assert.Equal(value, Verdict.Of(text));

    [SharedFact("data/evaluation-only/smartbench", 2973)]
    public void All_items_are_read_and_counted()
    {
        (Exercise[] items, Corpus data) = Shared(judged: true);
        Assert.Equal(2973, items.Length);
        Assert.Empty(data.Broken);
        foreach (SmartTask task in SmartTask.All)
            Assert.Equal(task.Items, items.Count(item => item.Group == task.Name));
        Assert.All(items.Where(item => item.Rubric is not null), item => Assert.Contains("ai_answer", item.Rubric, StringComparison.Ordinal));
    }

    [SharedFact("data/evaluation-only/smartbench", 3)]
    public void The_reference_is_right_silence_is_wrong_and_an_echo_finds_few_orders()
    {
        Exercise[] items = [.. Shared(judged: false).Items.Where(item => item.Group is not "文本排版")];
        var suite = (QuestionSuite)Suites("smartbench");
        Assert.InRange(items.Average(item => suite.Mark(item, Said(item, item.Target))[0].Value), 0.995, 1);
        Assert.InRange(items.Average(item => suite.Mark(item, Said(item, ""))[0].Value), 0, 0.001);
        Exercise[] orders = [.. items.Where(item => item.Group == "通知排序")];
        double echo = orders.Average(item => suite.Mark(item, Said(item, SmartTask.Named(item.Group).Body(item.Turns[0])))[0].Value);
        Assert.Equal(3 / 73.0, echo, 1e-9);
    }

    private static Suite Suites(string name) => Thimble.Lab.Evaluate.Suites.Named(name);

    private static (Exercise[] Items, Corpus Data) Shared(bool judged)
    {
        Suite suite = Suites("smartbench");
        Corpus data = suite.Open(Golden.Shared("data"));
        return ([.. ((QuestionSuite)suite).Read(data, new() { Suites = [], Judge = judged ? "default" : null }).Cast<Exercise>()], data);
    }

    private static IReadOnlyList<Grade> Mark(string task, string input, string target, string answer)
    {
        var exercise = new Exercise("1", task, [input], target, 1);
        return ((QuestionSuite)Suites("smartbench")).Mark(exercise, Said(exercise, answer));
    }

    private static Answer Said(Exercise exercise, string text) => new(exercise.Id) { Replies = [text] };
}
