using System.ClientModel;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Models;

namespace Thimble.Tests.Server;

/// <summary>OpenAI's own .NET client, which takes what the API's description says literally.</summary>
public class OpenAiClientTests(RunningServer server) : IClassFixture<RunningServer>
{
    private readonly OpenAIClient _client = new(new ApiKeyCredential("none"), new() { Endpoint = new(server.Address, "/v1") });

    [Fact]
    public async Task A_chat_is_answered_with_a_reason_it_knows()
    {
        ChatCompletion answer = await _client.GetChatClient("stories").CompleteChatAsync(
            [new UserChatMessage("Once upon a time")], new() { MaxOutputTokenCount = 6, IncludeLogProbabilities = true, TopLogProbabilityCount = 2 });
        Assert.Contains(answer.FinishReason, (ChatFinishReason[])[ChatFinishReason.Stop, ChatFinishReason.Length]);
        Assert.Equal(answer.Usage.OutputTokenCount, answer.ContentTokenLogProbabilities.Count);
        Assert.NotEmpty(answer.Content[0].Text);
    }

    [Fact]
    public async Task A_streamed_chat_adds_up()
    {
        string text = "";
        int? tokens = null;
        ChatFinishReason? reason = null;
        await foreach (StreamingChatCompletionUpdate update in _client.GetChatClient("stories").CompleteChatStreamingAsync(
            [new SystemChatMessage("Be brief."), new UserChatMessage("Once upon a time")], new() { MaxOutputTokenCount = 6, Temperature = 0 }))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            reason ??= update.FinishReason;
            tokens ??= update.Usage?.OutputTokenCount;
        }

        Assert.NotEmpty(text);
        Assert.NotNull(reason);
        Assert.InRange(tokens ?? 0, 1, 6);   // the client asks for the count by itself
    }

    [Fact]
    public async Task Tools_may_be_offered_and_left_alone()
    {
        ChatCompletion answer = await _client.GetChatClient("stories").CompleteChatAsync(
            [new UserChatMessage("Hi"), new AssistantChatMessage("Hello."), new UserChatMessage("Look!")],
            new() { MaxOutputTokenCount = 4, Tools = { ChatTool.CreateFunctionTool("look", "Looks.", BinaryData.FromString("""{"type": "object"}""")) }, AllowParallelToolCalls = false });
        Assert.NotEqual(ChatFinishReason.ToolCalls, answer.FinishReason);
    }

    [Fact]
    public async Task Models_and_vectors_are_read()
    {
        OpenAIModelCollection models = await _client.GetOpenAIModelClient().GetModelsAsync();
        Assert.Contains(models, model => model.Id == "stories");
        OpenAIEmbeddingCollection vectors = await _client.GetEmbeddingClient("stories").GenerateEmbeddingsAsync(["A dog.", "A cake."]);
        Assert.Equal(2, vectors.Count);
        Assert.Equal(1, vectors[0].ToFloats().ToArray().Sum(x => (double)x * x), 1e-3);
    }

    [Fact]
    public async Task An_error_says_what_is_wrong()
    {
        ClientResultException refused = await Assert.ThrowsAsync<ClientResultException>(
            () => _client.GetChatClient("no-such-model").CompleteChatAsync([new UserChatMessage("Hi")]));
        Assert.Equal(404, refused.Status);
        Assert.Contains("no-such-model", refused.Message, StringComparison.Ordinal);
    }
}
