using Microsoft.Extensions.AI;
using Thimble.Models.Chat;
using Thimble.Tests.Models.Chat;

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

    [Theory, MemberData(nameof(ReplyParserTests.Replies), MemberType = typeof(ReplyParserTests))]
    public void Every_family_streams_text_reasoning_and_calls(string family, string prompt, string text, string said, string thought, string calls)
    {
        foreach (int step in (int[])[1, 5, text.Length + 1])
        {
            ChatMessage message = Answer(text, step, new(0), family, prompt);
            Assert.Equal(said, message.Text);
            Assert.Equal(thought, string.Concat(message.Contents.OfType<TextReasoningContent>().Select(part => part.Text)));
            FunctionCallContent[] made = [.. message.Contents.OfType<FunctionCallContent>()];
            Assert.Equal(calls.Split("; ", StringSplitOptions.RemoveEmptyEntries).Select(call => call[..call.IndexOf('{', StringComparison.Ordinal)]), made.Select(call => call.Name));
            Assert.All(made, call => Assert.True(call.Exception is null && call.Arguments is not null));
        }
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
    private static ChatMessage Answer(string script, int step, ReplyUpdates reply, string family = "hermes", string prompt = "")
    {
        List<ReplyPart> parts = [];
        ReplyParser parser = ReplyParserTests.Format(family).Read(prompt);
        foreach (char[] piece in script.Chunk(step))
            parser.Push(piece, parts);
        parser.End(parts);
        return parts.Select(part => new ChatResponseUpdate(ChatRole.Assistant, [reply.Content(part)]) { MessageId = "m" }).ToChatResponse().Messages.Single();
    }
}
