using Microsoft.Extensions.AI;
using Thimble.Models.Files;

namespace Thimble.Tests.Library;

public sealed class ChatClientTests : IDisposable
{
    private const string Template = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:";

    private readonly Model _model = Open();

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task Replies_with_text_usage_and_reason()
    {
        using IChatClient client = _model.AsChatClient();
        ChatResponse response = await client.GetResponseAsync("Once upon a time", new() { MaxOutputTokens = 8, Temperature = 0 });
        Assert.NotEmpty(response.Text);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(8, response.Usage!.OutputTokenCount);
        Assert.True(response.Usage.InputTokenCount > 4);
    }

    [Fact]
    public async Task Streamed_pieces_are_the_whole_reply()
    {
        using IChatClient client = _model.AsChatClient();
        ChatOptions options = new() { MaxOutputTokens = 12, Temperature = 0 };
        string whole = (await client.GetResponseAsync("Once upon a time", options)).Text, pieces = "";
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Once upon a time", options))
            pieces += update.Text;
        Assert.Equal(whole, pieces);
    }

    [Fact]
    public async Task Next_turn_continues_the_session_of_the_last()
    {
        using IChatClient client = _model.AsChatClient();
        ChatOptions options = new() { MaxOutputTokens = 6, Temperature = 0 };
        List<ChatMessage> messages = [new(ChatRole.User, "Tell me about the big red ball that the dog found in the park.")];
        ChatResponse first = await client.GetResponseAsync(messages, options);
        messages.AddRange(first.Messages);
        messages.Add(new(ChatRole.User, "And then?"));
        ChatResponse second = await client.GetResponseAsync(messages, options);
        Assert.True(second.Usage!.CachedInputTokenCount >= first.Usage!.InputTokenCount - 1);
    }

    [Fact]
    public async Task What_cannot_be_honoured_is_refused_by_name()
    {
        using IChatClient client = _model.AsChatClient();
        NotSupportedException refused = await Assert.ThrowsAsync<NotSupportedException>(
            () => client.GetResponseAsync([new(ChatRole.User, [new DataContent(new byte[] { 1 }, "audio/wav")])]));
        Assert.Contains("DataContent", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_a_reply_leaves_the_client_usable()
    {
        using IChatClient client = _model.AsChatClient();
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("Once upon a time", cancellationToken: stop.Token))
                await stop.CancelAsync();
        });
        Assert.NotEmpty((await client.GetResponseAsync("Once upon a time", new() { MaxOutputTokens = 3 })).Text);
    }

    [Fact]
    public async Task Embeddings_are_of_length_one_and_nearer_for_nearer_texts()
    {
        using IEmbeddingGenerator<string, Embedding<float>> generator = _model.AsEmbeddingGenerator();
        GeneratedEmbeddings<Embedding<float>> all = await generator.GenerateAsync(["The dog ran in the park.", "The dog ran to the park.", "Mom made a cake."]);
        Assert.All(all, one => Assert.InRange(Dot(one, one), 0.999f, 1.001f));
        Assert.True(Dot(all[0], all[1]) > Dot(all[0], all[2]));
        Assert.True(all.Usage!.InputTokenCount > 10);
    }

    private static float Dot(Embedding<float> a, Embedding<float> b)
    {
        float sum = 0;
        for (int i = 0; i < a.Vector.Length; i++)
            sum += a.Vector.Span[i] * b.Vector.Span[i];
        return sum;
    }

    private static Model Open()
    {
        ModelFile file = DefaultModel.Open();
        file.Metadata.Set("tokenizer.chat_template", Template);
        return Model.Open(file, null);
    }
}
