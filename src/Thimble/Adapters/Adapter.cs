using Thimble.Models.Adapters;
using Thimble.Models.Blocks;

namespace Thimble;

/// <summary>A small change of a model that is loaded beside it: low-rank additions to its weights (LoRA), or a control vector.</summary>
/// <remarks>The model's weights stay untouched, so each generation may use other adapters, also several at once and side by side
/// in one step. It may be disposed at any time: generations that use it run on.</remarks>
/// <example><code>
/// using var model = Model.Open("qwen3-0.6b-q4_0.gguf");
/// using Adapter pirate = model.LoadAdapter("pirate-lora.gguf");
/// string text = await model.Generate("Hello", new() { Adapters = [new(pirate, 0.8f)] }).TextAsync();
/// </code></example>
public sealed class Adapter : IDisposable
{
    private Adaptation? _adaptation;

    private Adapter(Model model, AdapterFile file, Adaptation adaptation)
    {
        (Model, Path, Name, _adaptation) = (model, file.Path, file.Name, adaptation);
        IsControlVector = file.Directions.Count > 0;
        InvocationTokens = file.Invocation;
    }

    /// <summary>The model it was loaded for.</summary>
    public Model Model { get; }

    /// <summary>The file or folder it came from.</summary>
    public string Path { get; }

    /// <summary>What the file calls it; null where it does not say.</summary>
    public string? Name { get; }

    /// <summary>Whether it adds directions behind layers instead of changing weights.</summary>
    public bool IsControlVector { get; }

    /// <summary>Tokens from whose last occurrence in a prompt on it counts (aLoRA); empty where it counts for all tokens.</summary>
    public IReadOnlyList<int> InvocationTokens { get; }

    /// <summary>Loads an adapter: a GGUF file, or a folder as Hugging Face PEFT writes it.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="model">The model it is for.</param>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    /// <exception cref="InvalidDataException">It is damaged or was made for another model; the message names tensor and shapes.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that this build does not know.</exception>
    /// <remarks>Cost: reads the file once and keeps its matrices as 32-bit floats.</remarks>
    public static Adapter Open(string path, Model model)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(model);
        return AdapterFile.Read(path, model.File, file => new Adapter(model, file, model.Fit(file)));
    }

    /// <summary>Lets it go: new generations cannot use it, those that run keep what they need until they end.</summary>
    public void Dispose() => _adaptation = null;

    /// <summary>What it changes.</summary>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    internal Adaptation Changes() => _adaptation ?? throw new ObjectDisposedException(Path, $"The adapter '{Path}' has been disposed.");
}
