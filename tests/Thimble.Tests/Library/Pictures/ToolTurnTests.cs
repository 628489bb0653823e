using Microsoft.Extensions.AI;
using Thimble.Models.Files;

namespace Thimble.Tests.Library;

public class ToolTurnTests
{
    [Fact]
    public void A_tool_turn_bears_the_name_of_the_tool_that_was_called()
    {
        ModelFile file = DefaultModel.Open();
        file.Metadata.Set("tokenizer.chat_template", "{% for m in messages %}{{ m.role }}{% if m.name %}({{ m.name }}){% endif %} {% endfor %}");
        using var model = Model.Open(file, new() { Threads = 1 });
        ChatMessage[] said =
        [
            new(ChatRole.User, "Rain?"),
            new(ChatRole.Assistant, [new FunctionCallContent("call00001", "weather"), new FunctionCallContent("call00002", "clock")]),
            new(ChatRole.Tool, [new FunctionResultContent("call00002", "noon")]),
            new(ChatRole.Tool, [new FunctionResultContent("call00001", "dry"), new FunctionResultContent("call00009", "lost")]),
        ];
        Assert.Equal("user assistant tool(clock) tool(weather) tool ", ChatPrompt.Compose(model, said, null).Text);
    }
}
