using System.Net;
using System.Text;
using Thimble.Lab.Sense;

namespace Thimble.Tests.Lab.Sense;

public class AutoLifeLiteTests
{
    [Fact]
    public void A_scripted_day_is_found_again_by_the_rules()
    {
        foreach (DayStretch stretch in AutoLifeLite.ScriptedDay)
            Assert.All(AutoLifeLite.Windows(stretch, 5), window => Assert.Contains(stretch.Motion, window.Motions));
    }

    [Fact]
    public async Task A_tier_in_this_process_is_timed_and_scored()
    {
        AutoLifeOptions options = new() { Models = ["default"], Sessions = 1, Opening = new() { Threads = 1 } };
        TierResult tier = Assert.Single(await AutoLifeLite.RunAsync(options));
        Assert.Equal(("in process", 18, 1.0), (tier.Tier, tier.Answers, tier.MotionRight));
        Assert.True(tier.FirstTokenMs > 0 && tier.TotalMs >= tier.FirstTokenMs && tier.PeakBytes > 0, "times and memory are measured");
    }

    [Fact]
    public async Task A_server_is_asked_and_its_distance_added()
    {
        using var server = new HttpListener();
        string address = $"http://127.0.0.1:{FreePort()}/";
        server.Prefixes.Add(address);
        server.Start();
        Task serving = ServeAsync(server, 2);
        using var near = new ServerTier(new Uri(address + "v1"), "m", TimeSpan.Zero);
        using var far = new ServerTier(new Uri(address + "v1"), "m", TimeSpan.FromMilliseconds(30));
        TierReply reply = await near.AnswerAsync("Where?", 8, CancellationToken.None), later = await far.AnswerAsync("Where?", 8, CancellationToken.None);
        await serving;
        Assert.Equal(("At home.", 2), (reply.Text, reply.Tokens));
        Assert.True(later.Total >= TimeSpan.FromMilliseconds(29) && later.First >= TimeSpan.FromMilliseconds(30), "the distance is waited for");
        Assert.Contains("simulated", far.Name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Summary: At home.\nMore.", "At home.")]
    [InlineData("At home.", "At home.")]
    public void An_answer_is_what_stands_behind_its_mark(string reply, string answer) => Assert.Equal(answer, Prompts.Answer(reply));

    [SharedFact("data/autolife/journals_reference.json", 168)]
    public void Journals_name_the_time_of_day_that_the_clock_gives()
    {
        var set = JournalSet.Read(Golden.Shared("data/autolife/journals_reference.json"));
        Assert.Equal(168, set.Segments.Count);
        Assert.Equal(370.0, set.Segments.Sum(segment => segment.Minutes) / 60, 0.1);
        Assert.InRange(set.TimesOfDay(i => set.Segments[i].Hour), 0.88, 1);
        // Shuffled hours agree by chance only.
        int[] other = [.. Enumerable.Range(0, 168)];
        new Random(1).Shuffle(other);
        Assert.InRange(set.TimesOfDay(i => set.Segments[other[i]].Hour), 0, 0.6);
    }

    [SharedFact("data/autolife/journals_reference.json", 168)]
    public void Two_people_agree_better_than_two_days()
    {
        var set = JournalSet.Read(Golden.Shared("data/autolife/journals_reference.json"));
        JournalScores same = set.Agreement();
        var other = JournalScores.Mean([.. set.Segments.Select((segment, i) => JournalScores.Of(segment.Journals[0], set.Segments[(i + 84) % 168].Journals[^1]))]);
        Assert.True(same.RougeL > other.RougeL + 0.1 && same.Chrf > other.Chrf + 0.1, $"{same} against {other}");
    }

    private static async Task ServeAsync(HttpListener server, int requests)
    {
        for (int i = 0; i < requests; i++)
        {
            HttpListenerContext context = await server.GetContextAsync();
            using var body = new StreamReader(context.Request.InputStream);
            Assert.Contains("\"stream\":true", await body.ReadToEndAsync(), StringComparison.Ordinal);
            byte[] events = Encoding.UTF8.GetBytes("data: {\"choices\":[{\"delta\":{\"content\":\"At \"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"home.\"}}]}\n\ndata: [DONE]\n\n");
            await context.Response.OutputStream.WriteAsync(events);
            context.Response.Close();
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
