using System.Diagnostics;
using Thimble.Scheduling;

namespace Thimble.Bench;

/// <summary>Parrot's four experiments (card 26): a chain behind a slow line, map and reduce, many users of one long prompt, and a mixed load.</summary>
internal static class ParrotBench
{
    private static readonly TimeSpan s_line = TimeSpan.FromMilliseconds(250);
    private static readonly SemanticFunction s_map = new("Once there was {{input:part}}. It said{{output:said}}");

    public static async Task Run(string[] args)
    {
        string which = args.Length > 0 ? args[0] : "all";
        if (which is "chain" or "all")
            await Chain(calls: 20);
        if (which is "map" or "all")
            await MapReduce(parts: 16);
        if (which is "users" or "all")
            await Users(args.Length > 1 ? int.Parse(args[1]) : 32, args.Length > 2 ? int.Parse(args[2]) : 6000, args.Length > 3 ? int.Parse(args[3]) : 200);
        if (which is "mixed" or "all")
            await Mixed();
    }

    /// <summary>Each call reads what the one before wrote: driven by a client behind a slow line, and sent ahead.</summary>
    private static async Task Chain(int calls)
    {
        using var model = Model.OpenDefault();
        SemanticCallOptions options = Options(24);
        long start = Stopwatch.GetTimestamp();
        string text = "a small dog";
        for (int i = 0; i < calls; i++)
        {
            await Task.Delay(s_line);
            text = await model.Generate($"Once there was {text}. Then", options.Generation).TextAsync();
        }

        double client = Seconds(start);
        using var parrot = new Parrot([model]);
        using SemanticSession session = parrot.OpenSession();
        start = Stopwatch.GetTimestamp();
        await Task.Delay(s_line);
        var step = new SemanticFunction("Once there was {{input:before}}. Then{{output:after}}");
        SemanticVariable last = session.Variable("first", "a small dog");
        for (int i = 0; i < calls; i++)
            last = session.Call(step, new() { ["before"] = last }, options)["after"];
        bool same = await last.GetAsync() == text;
        Console.WriteLine($"chain of {calls} calls, {s_line.TotalMilliseconds:F0} ms a round trip: client {client:F2} s, sent ahead {Seconds(start):F2} s, {client / Seconds(start):F1} times sooner (card 26: 1.2 to 2.4); {(same ? "same text" : "texts differ by how pieces are tokenized")}");
    }

    /// <summary>Sixteen calls whose outcomes one call joins: each as one that is wanted soon, and as a group.</summary>
    private static async Task MapReduce(int parts)
    {
        using var model = Model.OpenDefault(new() { PrefixTokens = 0 });
        await JobAsync(model, parts, deduces: true);
        double capped = await JobAsync(model, parts, deduces: false), grouped = await JobAsync(model, parts, deduces: true);
        Console.WriteLine($"map and reduce of {parts} parts: {capped:F2} s with every call wanted soon, {grouped:F2} s as a group, {capped / grouped:F2} times sooner (card 26: 1.7 to 2.4)");
    }

    private static async Task<double> JobAsync(Model model, int parts, bool deduces)
    {
        using var parrot = new Parrot([model], new() { Deduces = deduces });
        using SemanticSession session = parrot.OpenSession();
        long start = Stopwatch.GetTimestamp();
        await Reduce(session, parts).GetAsync();
        return Seconds(start);
    }

    /// <summary>Users of one long prompt, each with a question of its own: with and without sharing.</summary>
    private static async Task Users(int users, int prompt, int written)
    {
        (double Seconds, long Read, double Keys, string[] Texts) apart = await UsersAsync(users, prompt, written, shares: false), together = await UsersAsync(users, prompt, written, shares: true);
        Console.WriteLine(
            $"{users} users of one prompt of {prompt} tokens, {written} tokens each: {apart.Seconds:F1} s apart, {together.Seconds:F1} s together, {apart.Seconds / together.Seconds:F1} times sooner; " +
            $"prompt tokens {apart.Read} and {together.Read}, {(double)apart.Read / together.Read:F1} times fewer (card 26: about 30); " +
            $"keys read to write {apart.Keys:E1} and {together.Keys:E1}, {apart.Keys / together.Keys:F1} times fewer (card 26: about 20); " +
            (apart.Texts.SequenceEqual(together.Texts) ? "same texts" : "TEXTS DIFFER"));
    }

    private static async Task<(double Seconds, long Read, double Keys, string[] Texts)> UsersAsync(int users, int prompt, int written, bool shares)
    {
        using var model = Model.OpenDefault(new() { ContextLength = prompt + written + 64, PrefixTokens = shares ? null : 0, CacheTokens = (long)users * (prompt + written + 128) });
        model.Engine.SharesKeys = shares;
        int[] common = [.. Enumerable.Repeat(model.Tokenizer.Encode("Once there was a big red ball and a small dog. ", addSpecial: false), prompt).SelectMany(ids => ids).Take(prompt)];
        long start = Stopwatch.GetTimestamp();
        string[] texts = await Task.WhenAll(Enumerable.Range(0, users).Select(async user =>
        {
            using Session session = model.CreateSession();
            return await session.Continue([.. common, .. model.Tokenizer.Encode($" User {user} asks", addSpecial: false)], Options(written).Generation).TextAsync();
        }));
        double seconds = Seconds(start), met = (double)users * written * (prompt + (written / 2)) * model.File.FindInt("block_count")!.Value;
        return (seconds, model.Engine.Statistics.PromptTokens, met - model.Engine.KeysSpared, texts);
    }

    /// <summary>Chats beside a map and reduce on two models: all wanted soon, all in large batches, and as what is asked for says.</summary>
    private static async Task Mixed()
    {
        using Model one = Model.OpenDefault(new() { Threads = 1 }), two = Model.OpenDefault(new() { Threads = 1 });
        ParrotOptions soon = new() { Deduces = false }, large = new() { Deduces = false, LatencyCalls = 64, LatencyTokens = 65_536 };
        await MixAsync([one, two], new());
        foreach ((string name, ParrotOptions options) in ((string, ParrotOptions)[])[("all wanted soon", soon), ("all in large batches", large), ("as asked for", new())])
        {
            (double chat, double job) = await MixAsync([one, two], options);
            Console.WriteLine($"mixed, {name}: chat {chat * 1e3:F0} ms in the middle, map and reduce {job:F2} s");
        }
    }

    private static async Task<(double Chat, double Job)> MixAsync(Model[] models, ParrotOptions options)
    {
        using var parrot = new Parrot(models, options);
        using SemanticSession chats = parrot.OpenSession("chats"), jobs = parrot.OpenSession("jobs");
        long start = Stopwatch.GetTimestamp();
        Task<string> job = Reduce(jobs, 32).GetAsync();
        List<double> times = [];
        for (int i = 0; i < 12; i++)
        {
            long asked = Stopwatch.GetTimestamp();
            await chats.Call(new($"Chat {i}. The dog{{{{output:x}}}}"), [], Options(24))["x"].GetAsync();
            times.Add(Seconds(asked));
        }

        await job;
        return (times.Order().ElementAt(times.Count / 2), Seconds(start));
    }

    /// <summary>Joins four at a time until one is left: a short context holds no more.</summary>
    private static SemanticVariable Reduce(SemanticSession session, int parts)
    {
        SemanticVariable[] stage = [.. Enumerable.Range(0, parts).Select(i => session.Call(s_map, new() { ["part"] = session.Variable("part", $"cat number {i}") }, Options(48))["said"])];
        while (stage.Length > 1)
            stage = [.. stage.Chunk(4).Select(some => Join(session, some))];
        return stage[0];
    }

    private static SemanticVariable Join(SemanticSession session, SemanticVariable[] some)
    {
        string gaps = string.Concat(some.Select((_, i) => $"{{{{input:s{i}}}}} "));
        return session.Call(new(gaps + "Then{{output:all}}"), some.Select((variable, i) => (variable, i)).ToDictionary(pair => $"s{pair.i}", pair => pair.variable), Options(24))["all"];
    }

    private static SemanticCallOptions Options(int written) => new() { Generation = new() { MaxTokens = written, IgnoreEnd = true, Sampling = SamplingOptions.Greedy } };

    private static double Seconds(long start) => Stopwatch.GetElapsedTime(start).TotalSeconds;
}
