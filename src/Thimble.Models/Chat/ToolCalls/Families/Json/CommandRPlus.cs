using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as Command R and R+ write them: <c>Action:</c> and a JSON list in a fence.</summary>
/// <remarks>Source: Cohere, Command R+ model card, 2024.</remarks>
internal static class CommandRPlus
{
    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("command-r-plus", "Action:", "directly-answer")
    {
        Calls =
        [
            new("Action:\n```json", Fenced, CallJson.Read),
            new("Action: ```json", Fenced, CallJson.Read),
        ],
    });

    private static BracketEnd Fenced() => new(new() { Closes = ["```"] });
}
