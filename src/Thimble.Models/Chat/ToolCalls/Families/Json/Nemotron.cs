using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as Nemotron Nano 2 writes them: a JSON list in <c>&lt;TOOLCALL&gt;</c>.</summary>
/// <remarks>Source: the template of Nemotron Nano 9B v2.</remarks>
internal static class Nemotron
{
    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("nemotron", "<TOOLCALL>")
    {
        Calls = [new("<TOOLCALL>", () => new BracketEnd(new() { Closes = ["</TOOLCALL>"] }), CallJson.Read)],
    });
}
