using System.Text.Json;

namespace Thimble.Tests.Cli;

public class BenchCommandTests
{
    [Fact]
    public async Task Is_a_table_as_llama_bench_writes_it()
    {
        (int code, string text, string notes) = await new ScriptedTerminal().Run("bench", "default", "-p", "4", "-n", "2", "-d", "3", "-r", "2", "-t", "1");
        Assert.Equal((0, ""), (code, notes));
        string[] lines = text.Split('\n');
        Assert.Matches(@"^\| model +\| +size \| +params \| backend \| threads \| +test \| +t/s \| of read speed \|$", lines[0]);
        Assert.Matches(@"^\| -+ \| -+: \| -+: \| -+ \| -+: \| -+: \| -+: \| -+: \|$", lines[1]);
        Assert.Matches(@"^\| ple 5.1M Q4_0 \| \d\.\d\d MiB \| 5.\d\d M \| CPU +\| +1 \| pp4 @ d3 \| +[\d.]+ ± [\d.]+ \| +\|$", lines[2]);
        Assert.Matches(@"^\| ple 5.1M Q4_0 .*\| tg2 @ d3 \| +[\d.]+ ± [\d.]+ \| +\d+ % \|$", lines[3]);
        Assert.Matches(@"^read speed: [\d.]+ GB/s with 1 threads$", lines[5]);
    }

    [Fact]
    public async Task Is_one_object_for_programs()
    {
        (int code, string text, string _) = await new ScriptedTerminal().Run("bench", "default", "-p", "0", "-n", "2", "-r", "3", "-t", "1", "--json");
        Assert.Equal(0, code);
        JsonElement result = JsonDocument.Parse(text).RootElement, test = Assert.Single(result.GetProperty("tests").EnumerateArray());
        Assert.Equal("tg2", test.GetProperty("test").GetString());
        Assert.Equal(3, test.GetProperty("samples").GetArrayLength());
        Assert.True(test.GetProperty("share_of_read_speed").GetDouble() > 0 && result.GetProperty("read_bytes_per_second").GetDouble() > 0);
    }
}
