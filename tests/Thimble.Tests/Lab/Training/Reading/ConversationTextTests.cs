using Thimble.Lab.Training;
using Thimble.Models.Chat;

namespace Thimble.Tests.Lab.Training.Reading;

/// <summary>Conversations cut where the assistant speaks: the short way against the template itself.</summary>
public class ConversationTextTests
{
    public static TheoryData<string> Templates => [.. Directory.EnumerateFiles(Golden.Path("chat-templates"), "*.jinja").Select(path => Path.GetFileName(path)), "assistant"];

    [Theory, MemberData(nameof(Templates))]
    public void Both_ways_cut_alike(string name)
    {
        ConversationText text = Open(name);
        for (int i = 0; i < 60; i++)
        {
            Dialogue dialogue = Talk(i);
            (string exact, string got) = (Outcome(() => text.Exact(dialogue)), Outcome(() => text.Pieces(dialogue)));
            Assert.Equal(exact, got);
        }
    }

    [Fact]
    public void The_assistants_own_template_goes_the_short_way()
    {
        ConversationText text = Open("assistant");
        for (int i = 0; i < 60; i++)
            text.Pieces(Talk(i));
        Assert.False(text.State.Differs);
        Assert.True(text.State.Agreed >= 24);
    }

    [SharedFact("data/sgd", 3), Trait("Speed", "Slow")]
    public void Public_dialogues_are_cut_as_the_template_itself_cuts_them()
    {
        ConversationText text = Open("assistant");
        List<string> broken = [];
        IEnumerable<Dialogue> all = GuidedDialogues.Read(Golden.Shared("data/sgd/sgd_train.jsonl.gz"), broken).Take(150)
            .Concat(OrderDialogues.Read(Golden.Shared("data/taskmaster4/data_00.json.gz"), broken).Take(150)).Concat(SmallTalk.Read(Golden.Shared("data/chatterbot-corpus"), broken).Take(150));
        foreach (Dialogue dialogue in all)
            Assert.Equal(text.Exact(dialogue), text.Pieces(dialogue));
        Assert.False(text.State.Differs);
    }

    [Fact]
    public void A_template_that_writes_the_last_turn_otherwise_is_followed()
    {
        var text = new ConversationText(ChatTemplate.Parse("{% for m in messages %}[{{ m.role }}:{{ m.content }}{% if loop.last %}!{% endif %}]{% endfor %}{% if add_generation_prompt %}[assistant:{% endif %}"), new());
        Assert.Throws<FormatException>(() => text.Pieces(Talk(5)));
    }

    private static ConversationText Open(string name) => new(
        ChatTemplate.Parse(File.ReadAllText(name == "assistant" ? Path.Combine(Golden.Root, "recipes", "assistant", "template.jinja") : Golden.Path("chat-templates/" + name))),
        new() { BeginText = "<s>", EndText = "</s>", Clock = new FixedClock() });

    private static string Outcome(Func<List<(string, bool)>> cut)
    {
        try
        {
            return string.Join('|', cut());
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException or InvalidDataException)
        {
            return fault.GetType().Name;
        }
    }

    private static Dialogue Talk(int seed)
    {
        var random = new Random(seed);
        List<ChatTurn> turns = seed % 5 == 1 ? [new ChatTurn("system", "You are small.")] : [];
        for (int i = 0; i <= random.Next(1, 6); i++)
        {
            turns.Add(new ChatTurn("user", $"  Question {random.Next(100)} about <tag> and \"quotes\"\n"));
            if (seed % 4 == 2)
                turns.Add(new ChatTurn("assistant") { ToolCalls = [new("look", $"{{\"place\": \"Rome {i}\"}}")] });
            if (seed % 4 == 2)
                turns.Add(new ChatTurn("tool", "{\"found\": true}") { Name = "look" });
            turns.Add(new ChatTurn("assistant", seed % 7 == 3 ? $"<think>hm {i}</think>Answer {i}." : $"Answer {random.Next(100)}."));
        }

        return new Dialogue(turns) { Tools = seed % 4 == 2 ? [Dialogue.Tool("look", [("place", "Where")], ["place"])] : [] };
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    }
}
