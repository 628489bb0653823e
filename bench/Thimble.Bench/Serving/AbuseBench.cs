using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Thimble.Server;
using Thimble.Server.Hosting;

namespace Thimble.Bench;

/// <summary>What bad clients do, in full numbers, while a good one asks on and on: its text must stay the one that it gets undisturbed, and memory what it was.</summary>
internal static class AbuseBench
{
    private const string Good = """{"prompt": "Once upon a time", "max_tokens": 24, "temperature": 1, "seed": 7}""";

    public static async Task Run(string[] args)
    {
        double share = args is [var given, ..] ? double.Parse(given, CultureInfo.InvariantCulture) : 1;
        await using WebApplication app = Standalone.Build(new() { Port = 0 }, new() { MaxBodyBytes = 32 << 20 });
        await app.StartAsync();
        var address = new Uri(app.Urls.Single());
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
        var bad = new BadClients(address);
        string text = await AskAsync(client);
        int faults = 0;
        Console.WriteLine($"memory at the start: {Memory()}");
        await MeasureAsync("connections that send a byte of their headers a second", Count(1000), n => bad.SlowAsync(n, body: false));
        await MeasureAsync("connections that send a byte of their bodies a second", Count(1000), n => bad.SlowAsync(n, body: true));
        await MeasureAsync("streams broken off", Count(10_000), async n => await bad.BreakOffAsync(n) + await EmptyAsync(app.Services.GetRequiredService<Serving>()));
        await MeasureAsync("bodies of 1 GB", Count(10), bad.SendLargeAsync);
        await MeasureAsync("bodies 100,000 deep", Count(1000), bad.SendDeepAsync);
        await MeasureAsync("schema bombs", Count(100), bad.SendBombsAsync);
        await MeasureAsync("clients that never read", Count(200), bad.IgnoreAsync);
        await MeasureAsync("requests of a good client alone", Count(2000), async n =>
        {
            for (int i = 0; i < n; i++)
                Compare(await AskAsync(client));
            return "";
        });
        Console.WriteLine(faults == 0 ? "the good client always got the same text" : $"the good client got another text or none {faults} times");
        Environment.ExitCode = faults == 0 ? 0 : 1;

        int Count(int whole) => Math.Max(1, (int)(whole * share));

        void Compare(string got)
        {
            if (got != text && faults++ < 3)
                Console.WriteLine($"  got '{got}' in place of '{text}'");
        }

        async Task MeasureAsync(string what, int count, Func<int, Task<string>> abuse)
        {
            long start = Stopwatch.GetTimestamp();
            Task<string> abused = abuse(count);
            List<double> waits = [];
            do
            {
                long asked = Stopwatch.GetTimestamp();
                Compare(await AskAsync(client));
                waits.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }
            while (!abused.IsCompleted);

            waits.Sort();
            Console.WriteLine($"{count,7} {what}{await abused}: {Stopwatch.GetElapsedTime(start).TotalSeconds,6:F1} s; the good client asked {waits.Count} times, p50 {waits[waits.Count / 2]:F0} ms, most {waits[^1]:F0} ms; then {Memory()}");
        }
    }

    /// <summary>How long the server holds places for those who have gone; the good client has one.</summary>
    private static async Task<string> EmptyAsync(Serving serving)
    {
        long start = Stopwatch.GetTimestamp();
        while (serving.Admission.Running > 1)
            await Task.Delay(1);
        return $", their places free after {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms";
    }

    private static async Task<string> AskAsync(HttpClient client)
    {
        try
        {
            using var content = new StringContent(Good);
            using HttpResponseMessage response = await client.PostAsync(BadClients.Path, content);
            string body = await response.Content.ReadAsStringAsync();
            if (!response.IsSuccessStatusCode)
                return $"{(int)response.StatusCode} {body}";
            using var json = JsonDocument.Parse(body);
            return json.RootElement.GetProperty("choices")[0].GetProperty("text").GetString()!;
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            return fault.ToString();
        }
    }

    private static string Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var self = Process.GetCurrentProcess();
        return $"{self.WorkingSet64 >> 20} MiB resident, {GC.GetTotalMemory(true) >> 20} MiB managed";
    }
}
