using System.Text.Json;
using Thimble.Server.Access;
using Thimble.Tests.Models;

namespace Thimble.Tests.Server;

/// <summary>What answers tell of the time they took, of tokens guessed ahead, and whose requests go first.</summary>
public class TimingTests
{
    private const string Ask = """{"prompt": "One day, one day, one day, one day, one day, one day,", "messages": [{"role": "user", "content": "one day, one day, one day,"}], "max_tokens": 40, "temperature": 0}""";

    [Theory]
    [InlineData("/v1/completions")]
    [InlineData("/v1/chat/completions")]
    public async Task Guesses_are_counted_and_change_no_text(string path)
    {
        await using RunningServer plain = new(), drafting = new(options => options.Opening = new() { Draft = "lookup" });
        (_, JsonElement one) = await plain.PostAsync(path, Ask);
        (int status, JsonElement two) = await drafting.PostAsync(path, Ask);
        Assert.True(status == 200, two.ToString());
        Assert.Equal(one.GetProperty("choices").ToString(), two.GetProperty("choices").ToString());
        Assert.Equal(0, Details(one).GetProperty("accepted_prediction_tokens").GetInt32());
        JsonElement timings = two.GetProperty("timings");
        int drafted = timings.TryGetProperty("draft_n", out JsonElement count) ? count.GetInt32() : 0;
        Assert.Equal(drafted, Details(two).GetProperty("accepted_prediction_tokens").GetInt32() + Details(two).GetProperty("rejected_prediction_tokens").GetInt32());
        Assert.Equal(40, timings.GetProperty("predicted_n").GetInt32());
    }

    [Fact]
    public void A_key_may_go_before_others()
    {
        using var folder = new TemporaryFolder();
        string urgent = ApiKeys.Add(folder["keys"], "ada", 3), usual = ApiKeys.Add(folder["keys"], "bob");
        var keys = ApiKeys.Of(new() { ApiKeyFile = folder["keys"] });
        Assert.Equal((new Tenant("ada", 3), new Tenant("bob")), (keys.Find(urgent), keys.Find(usual)));
        GenerationOptions own = keys.Find(urgent)!.Own(new() { MaxTokens = 5 });
        Assert.Equal(("ada", 3, 5), (own.Tenant, own.Priority, own.MaxTokens));
        File.AppendAllText(folder["keys"], $"sha256:{new string('a', 64)} eve priority=high\n");
        Assert.Contains("Line 3", Assert.Throws<InvalidDataException>(() => ApiKeys.Of(new() { ApiKeyFile = folder["keys"] })).Message, StringComparison.Ordinal);
    }

    private static JsonElement Details(JsonElement answer) => answer.GetProperty("usage").GetProperty("completion_tokens_details");
}
