using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Message = Anthropic.Models.Messages.Message;

namespace Thimble.Tests.Server;

/// <summary>Anthropic's own .NET client, with its checks of what it reads switched on.</summary>
public sealed class AnthropicClientTests(RunningServer server) : IClassFixture<RunningServer>, IDisposable
{
    private readonly AnthropicClient _client = new() { ApiKey = "none", BaseUrl = server.Address.ToString().TrimEnd('/'), MaxRetries = 0, ResponseValidation = true };

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_message_is_answered()
    {
        Message answer = await _client.Messages.Create(Asked(6));
        for (int i = 0; i < 10 && answer.Content.Count == 0; i++)   // a model of stories may have nothing to say
            answer = await _client.Messages.Create(Asked(6));
        answer.Validate();
        Assert.True(answer.Content[0].TryPickText(out TextBlock? text));
        Assert.NotEmpty(text.Text);
        Assert.InRange(answer.Usage.OutputTokens, 1, 6);
        Assert.Contains(answer.StopReason?.Value(), (StopReason?[])[StopReason.MaxTokens, StopReason.EndTurn]);
    }

    [Fact]
    public async Task A_streamed_message_begins_goes_on_and_ends()
    {
        List<string> kinds = [];
        string text = "";
        await foreach (RawMessageStreamEvent told in _client.Messages.CreateStreaming(Asked(6)))
        {
            told.Validate();
            kinds.Add(told.Type.Raw());
            if (told.TryPickContentBlockDelta(out RawContentBlockDeltaEvent? delta) && delta.Delta.TryPickText(out TextDelta? more))
                text += more.Text;
        }

        Assert.Equal(kinds.Contains("content_block_delta"), text.Length > 0);
        Assert.Equal(("message_start", "message_stop"), (kinds[0], kinds[^1]));
    }

    [Fact]
    public async Task Tokens_are_counted_before_they_are_sent()
    {
        MessageTokensCount counted = await _client.Messages.CountTokens(new() { Model = "stories", System = "Be brief.", Messages = Asked(1).Messages });
        Message answer = await _client.Messages.Create(Asked(1));
        Assert.Equal(answer.Usage.InputTokens + (answer.Usage.CacheReadInputTokens ?? 0) + (answer.Usage.CacheCreationInputTokens ?? 0), counted.InputTokens);
    }

    [Fact]
    public async Task An_error_says_what_is_wrong()
    {
        AnthropicNotFoundException refused = await Assert.ThrowsAsync<AnthropicNotFoundException>(() => _client.Messages.Create(Asked(1) with { Model = "no-such-model" }));
        Assert.Contains("no-such-model", refused.Message, StringComparison.Ordinal);
    }

    private static MessageCreateParams Asked(int tokens) =>
        new() { Model = "stories", MaxTokens = tokens, System = "Be brief.", Messages = [new UserMessageParam("Once upon a time")] };
}
