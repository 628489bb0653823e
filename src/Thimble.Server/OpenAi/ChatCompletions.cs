using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Threading.Channels;
using Thimble.Library;
using Thimble.Server.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal static class ChatCompletions
{
    [ModuleInitializer]
    internal static void Register()
    {
        Routes.AddPost("/v1/chat/completions", OpenAiDialect.Dialect, AnswerAsync);
        Routes.AddPost("/chat/completions", OpenAiDialect.Dialect, AnswerAsync);
    }

    /// <summary>An id such as <c>chatcmpl-…</c>.</summary>
    public static string NewId(string kind) => $"{kind}{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12))}";

    private static async Task AnswerAsync(Exchange exchange)
    {
        Field body = exchange.Body;
        var form = ChatForm.Read(body);
        ChatAsk ask = ChatReading.Read(body, exchange);
        using ModelLease lease = await exchange.RentAsync(body["model"]).ConfigureAwait(false);
        ask = ask with { Options = ask.Options with { TopLogProbabilities = form.LogProbabilities, Adapters = exchange.Serving.Adapters.For(lease, body) } };
        Conversation conversation = await Conversation.OfAsync(lease.Model, ask, exchange).ConfigureAwait(false);
        exchange.Facts.Begin("chat", lease.Name, exchange.Serving.Options.LogPrompts ? conversation.Text : null);
        var writing = new ChatWriting(NewId("chatcmpl-"), exchange.Serving.Now, lease, form);
        Answering[] answers = Start(conversation, form.Choices, exchange.Stop);
        try
        {
            if (form.Streams)
                await StreamAsync(exchange, answers, writing).ConfigureAwait(false);
            else
                await WholeAsync(exchange, answers, writing).ConfigureAwait(false);
        }
        finally
        {
            foreach (Answering answer in answers)
            {
                exchange.Facts.Count(answer.Generation);
                await answer.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>All choices at once: they share the prompt, and the steps.</summary>
    private static Answering[] Start(Conversation conversation, int choices, CancellationToken stop) =>
        [.. Enumerable.Range(0, choices).Select(index => conversation.Start(index, stop))];

    private static async Task WholeAsync(Exchange exchange, Answering[] answers, ChatWriting writing)
    {
        ChatAnswer[] whole = await Task.WhenAll(answers.Select(answer => ChatAnswer.ReadAsync(answer, exchange.Stop))).ConfigureAwait(false);
        exchange.Facts.Finish = ChatWriting.Reason(answers[0]);
        await exchange.WriteAsync(json => writing.Whole(json, whole, answers)).ConfigureAwait(false);
    }

    private static async Task StreamAsync(Exchange exchange, Answering[] answers, ChatWriting writing)
    {
        await using EventStream events = exchange.Events();
        for (int i = 0; i < answers.Length; i++)
        {
            int index = i;
            await events.SendAsync(json => writing.First(json, index)).ConfigureAwait(false);
        }

        await foreach ((int index, AnswerPiece? piece) in MergeAsync(answers, exchange.Stop).ConfigureAwait(false))
        {
            if (piece is { } next)
                await events.SendAsync(json => writing.Piece(json, index, next)).ConfigureAwait(false);
            else
                await events.SendAsync(json => writing.Last(json, index, answers[index])).ConfigureAwait(false);
        }

        exchange.Facts.Finish = ChatWriting.Reason(answers[0]);
        if (writing.Form.StreamsUsage)
            await events.SendAsync(json => writing.Usage(json, answers)).ConfigureAwait(false);
        await events.SendAsync("[DONE]").ConfigureAwait(false);
    }

    /// <summary>The pieces of several answers as they come; null for the end of one.</summary>
    private static async IAsyncEnumerable<(int Index, AnswerPiece? Piece)> MergeAsync(
        Answering[] answers, [EnumeratorCancellation] CancellationToken stop)
    {
        if (answers is [{ } only])
        {
            await foreach (AnswerPiece piece in only.ReadAsync(stop).ConfigureAwait(false))
                yield return (0, piece);
            yield return (0, null);
            yield break;
        }

        using var cut = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var pieces = Channel.CreateBounded<(int, AnswerPiece?)>(answers.Length);
        CancellationToken until = cut.Token;
        var all = Task.WhenAll(answers.Select(PumpAsync));
        Task ended = all.ContinueWith(done => pieces.Writer.Complete(done.Exception?.InnerException), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            await foreach ((int, AnswerPiece?) piece in pieces.Reader.ReadAllAsync(stop).ConfigureAwait(false))
                yield return piece;
        }
        finally
        {
            await cut.CancelAsync().ConfigureAwait(false);   // whoever reads no more must not be waited for
            await ended.ConfigureAwait(false);
        }

        async Task PumpAsync(Answering answer, int index)
        {
            await foreach (AnswerPiece piece in answer.ReadAsync(until).ConfigureAwait(false))
                await pieces.Writer.WriteAsync((index, piece), until).ConfigureAwait(false);
            await pieces.Writer.WriteAsync((index, null), until).ConfigureAwait(false);
        }
    }
}
