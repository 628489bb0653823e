using System.Text.Json;

namespace Thimble.Library;

/// <summary>A model made of another: with other instructions, options or adapters, and none of its files copied.</summary>
/// <param name="From">The model it is made of: a name on the shelf, or the digest of a blob that was sent.</param>
public sealed record ModelRecipe(string From)
{
    /// <summary>What the model is told where a conversation does not begin by telling it; null to leave that as it is.</summary>
    public string? System { get; init; }

    /// <summary>A chat template in Jinja, or one of Ollama's of a form that is known; null to leave it as it is.</summary>
    public string? Template { get; init; }

    /// <summary>Options by Ollama's names, such as <c>temperature</c>; those not given stay as they are.</summary>
    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>A licence; null to leave it as it is.</summary>
    public string? License { get; init; }

    /// <summary>Digests of adapters that were sent, in place of those that the model had; null to leave those.</summary>
    public IReadOnlyList<string>? Adapters { get; init; }

    /// <summary>Reads a Modelfile, as Ollama calls it: <c>FROM</c>, <c>SYSTEM</c>, <c>TEMPLATE</c>, <c>PARAMETER</c>, <c>ADAPTER</c>, <c>LICENSE</c>.</summary>
    /// <param name="text">The file's text.</param>
    /// <returns>What it asks for.</returns>
    /// <exception cref="InvalidDataException">It is malformed; the message names the line.</exception>
    /// <exception cref="NotSupportedException">It holds an instruction that this build does not know; the message lists those it does.</exception>
    public static ModelRecipe Parse(string text) => new Modelfile(text).Read();
}
