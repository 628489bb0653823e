using Microsoft.Extensions.AI;
using Thimble.Models.Chat;

namespace Thimble.Tests.Library;

public sealed class ReplyUpdatesTests
{
    private const string Script = "<think>\nI look.\n</think>\n\nSo.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": [1], \"b\": \"x\"}}\n</tool_call>\n<tool_call>{\"name\": \"g\"}</tool_call>";

    [Fact]
    public void Parts_become_contents_of_their_kinds()
    {
        ChatMessage message = Answer(Script, 7, new(0));
        Assert.Equal("I look.", string.Concat(message.Contents.OfType<TextReasoningContent>().Select(part => part.Text)));
        Assert.Equal("So.", message.Text);
        FunctionCallContent[] calls = [.. message.Contents.OfType<FunctionCallContent>()];
        Assert.Equal(["f", "g"], calls.Select(call => call.Name));
        Assert.Equal("[1] x", $"{calls[0].Arguments!["a"]} {calls[0].Arguments!["b"]}");
    }

    [Fact]
    public void Ids_are_the_same_in_every_run_and_go_on_from_earlier_calls()
    {
        ChatMessage first = Answer(Script, 1, new(0));
        Assert.Equal(["call00001", "call00002"], first.Contents.OfType<FunctionCallContent>().Select(call => call.CallId));
        ChatMessage second = Answer(Script, 3, new(ReplyUpdates.CallsIn([first])));
        Assert.Equal(["call00003", "call00004"], second.Contents.OfType<FunctionCallContent>().Select(call => call.CallId));
    }

    [Fact]
    public void A_reply_with_calls_ends_for_them_unless_cut_short()
    {
        var reply = new ReplyUpdates(0);
        Assert.Equal(ChatFinishReason.Stop, reply.Finish(FinishReason.EndOfText));
        Answer(Script, 5, reply);
        Assert.Equal(ChatFinishReason.ToolCalls, reply.Finish(FinishReason.EndOfText));
        Assert.Equal(ChatFinishReason.Length, reply.Finish(FinishReason.MaxTokens));
    }

    /// <summary>A whole answer of which <paramref name="step"/> characters come at a time.</summary>
    private static ChatMessage Answer(string script, int step, ReplyUpdates reply)
    {
        List<ReplyPart> parts = [];
        ReplyParser parser = ReplyFormat.Of(ReplyFamilies.Named("hermes"), []).Read("");
        foreach (char[] piece in script.Chunk(step))
            parser.Push(piece, parts);
        parser.End(parts);
        return parts.Select(part => new ChatResponseUpdate(ChatRole.Assistant, [reply.Content(part)]) { MessageId = "m" }).ToChatResponse().Messages.Single();
    }
}
