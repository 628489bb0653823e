using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Thimble.Models.Chat;

namespace Thimble;

/// <summary>A model as Microsoft.Extensions.AI sees chat models.</summary>
/// <remarks>Conversations are stateless for the caller; sessions of earlier calls are kept and continued where they begin alike.</remarks>
internal sealed class ChatClient(Model model) : IChatClient
{
    private const int KeptSessions = 4;

    private readonly ChatClientMetadata _metadata = new("thimble", null, model.Name);
    private readonly List<Session> _idle = [];

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
            updates.Add(update);
        return updates.ToChatResponse();
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        IReadOnlyList<ChatMessage> conversation = [.. messages];
        (Prompt prompt, string written) = await Task.Run(() => ChatPrompt.Compose(model, conversation, options), cancellationToken).ConfigureAwait(false);
        var format = ReplyFormat.Of(model.ChatTemplate, ChatPrompt.Tools(options));
        ReplyParser parser = format.Read(written);
        var reply = new ReplyUpdates(ReplyUpdates.CallsIn(conversation));
        List<ReplyPart> parts = [];
        string id = Guid.NewGuid().ToString("N");
        Session session = Take(prompt.Ids);
        try
        {
            GenerationOptions generating = ChatPrompt.Options(options) with { ShowSpecial = format.NeedsSpecial, Format = ReplyGrammar.Of(options, format, model.ChatTemplate, written) };
            Generation generation = session.Continue(prompt, generating, cancellationToken);
            await foreach (string text in generation.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                parser.Push(text, parts);
                foreach (ReplyPart part in parts)
                    yield return Update([reply.Content(part)], id);
                parts.Clear();
            }

            parser.End(parts);
            foreach (ReplyPart part in parts)
                yield return Update([reply.Content(part)], id);
            yield return End(generation, reply, id);
        }
        finally
        {
            Return(session);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(model) ? model
            : null;
    }

    public void Dispose()
    {
        lock (_idle)
        {
            _idle.ForEach(session => session.Dispose());
            _idle.Clear();
        }
    }

    private ChatResponseUpdate Update(IList<AIContent> contents, string id) =>
        new(ChatRole.Assistant, contents) { ResponseId = id, MessageId = id, ModelId = model.Name };

    private ChatResponseUpdate End(Generation generation, ReplyUpdates reply, string id)
    {
        GenerationTimings timings = generation.Timings;
        var usage = new UsageDetails
        {
            InputTokenCount = timings.PromptTokens,
            OutputTokenCount = timings.GeneratedTokens,
            TotalTokenCount = timings.PromptTokens + timings.GeneratedTokens,
            CachedInputTokenCount = timings.CachedTokens,
        };
        ChatResponseUpdate update = Update([new UsageContent(usage)], id);
        update.FinishReason = reply.Finish(generation.FinishReason);
        return update;
    }

    /// <summary>The idle session that shares most with a prompt, or a new one.</summary>
    private Session Take(ReadOnlySpan<int> tokens)
    {
        lock (_idle)
        {
            (Session? best, int shared) = (null, 0);
            foreach (Session session in _idle)
            {
                int common = session.Sequence.Tokens.CommonPrefixLength(tokens);
                if (common > shared)
                    (best, shared) = (session, common);
            }

            if (best is null)
                return model.CreateSession();
            _idle.Remove(best);
            return best;
        }
    }

    private void Return(Session session)
    {
        lock (_idle)
        {
            _idle.Add(session);
            if (_idle.Count <= KeptSessions)
                return;
            _idle[0].Dispose();
            _idle.RemoveAt(0);
        }
    }
}
