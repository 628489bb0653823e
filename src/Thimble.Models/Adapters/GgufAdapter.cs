using System.Globalization;
using Thimble.Models.Files;

namespace Thimble.Models.Adapters;

/// <summary>Adapters in GGUF files: low-rank changes (<c>general.type</c> adapter, <c>adapter.type</c> lora) and control vectors.</summary>
/// <remarks>Source: llama.cpp, <c>src/llama-adapter.cpp</c> and <c>common/common.cpp</c>, for keys and names.</remarks>
internal static class GgufAdapter
{
    private const string A = ".lora_a", B = ".lora_b", Direction = "direction.";

    /// <summary>Whether a file is a control vector.</summary>
    public static bool IsControlVector(ModelFile file) =>
        file.Metadata.FindText("general.architecture") == "controlvector" || file.Tensors.Any(tensor => tensor.Name.StartsWith(Direction, StringComparison.Ordinal));

    /// <summary>Whether a file is an adapter of either kind.</summary>
    public static bool Recognises(ModelFile file) => file.Metadata.FindText("general.type") == "adapter" || IsControlVector(file);

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">It is none, or damaged.</exception>
    /// <exception cref="NotSupportedException">It is of an unknown kind.</exception>
    public static AdapterFile Read(ModelFile file) => IsControlVector(file) ? Directions(file) : Changes(file);

    private static AdapterFile Changes(ModelFile file)
    {
        string? type = file.Metadata.FindText("general.type"), kind = file.Metadata.FindText("adapter.type");
        if (type != "adapter")
            throw new InvalidDataException($"Metadata key 'general.type' of '{file.Path}' is '{type ?? "missing"}'; expected 'adapter', or a control vector's tensors 'direction.N'.");
        if (kind != "lora")
            throw new NotSupportedException($"Metadata key 'adapter.type' of '{file.Path}' is '{kind ?? "missing"}'; known: lora.");

        float alpha = (float)(file.Metadata.FindNumber("adapter.lora.alpha") ?? 0);
        if (!float.IsFinite(alpha))
            throw new InvalidDataException($"Metadata key 'adapter.lora.alpha' of '{file.Path}' is {alpha}; expected a number.");
        foreach (StoredTensor tensor in file.Tensors)
        {
            string other = tensor.Name.EndsWith(A, StringComparison.Ordinal) ? tensor.Name[..^A.Length] + B
                : tensor.Name.EndsWith(B, StringComparison.Ordinal) ? tensor.Name[..^B.Length] + A
                : throw new NotSupportedException($"Tensor '{tensor.Name}' of '{file.Path}' is no part of a low-rank change; known: NAME{A} and NAME{B}.");
            if (!file.TryGetTensor(other, out _))
                throw new InvalidDataException($"'{file.Path}' has tensor '{tensor.Name}' without '{other}'.");
        }

        return new(file.Path)
        {
            Name = file.Metadata.FindText("general.name"),
            Architecture = file.Architecture,
            Base = file.Metadata.FindText("thimble.base.layout") is { Length: >= 12 } layout && file.Metadata.FindText("thimble.base.content") is { Length: >= 12 } content
                && file.Metadata.FindText("thimble.base.small") is { Length: >= 12 } small ? new(layout, content, small) : null,
            Invocation = [.. (file.Metadata.FindArray("adapter.alora.invocation_tokens")?.Integers() ?? []).Select(token => checked((int)token))],
            Pairs = [.. file.Tensors.Where(tensor => tensor.Name.EndsWith(A, StringComparison.Ordinal)).Select(tensor =>
                new LowRankPair(tensor.Name[..^A.Length], tensor, file.Tensor(tensor.Name[..^A.Length] + B), null, alpha))],
        };
    }

    /// <summary>Writes low-rank changes.</summary>
    /// <param name="path">Where.</param>
    /// <param name="draft">The adapter.</param>
    /// <param name="architecture">The model's.</param>
    /// <exception cref="NotSupportedException">It is of another kind.</exception>
    public static void Write(string path, AdapterDraft draft, string architecture)
    {
        if (draft.Kind != "LORA" || draft.Parts.Any(part => part.Columns == 0))
            throw new NotSupportedException($"'{path}': only plain LoRA adapters can be written as GGUF; give a folder's name, without '.gguf', to write this one as PEFT does.");
        var metadata = new Metadata();
        metadata.Add("general.type", "adapter");
        metadata.Add("general.architecture", architecture);
        metadata.Add("general.name", Path.GetFileNameWithoutExtension(path));
        metadata.Add("adapter.type", "lora");
        metadata.Add("adapter.lora.alpha", (double)draft.Alpha);
        metadata.Add("thimble.base.layout", draft.Base.Layout);
        metadata.Add("thimble.base.content", draft.Base.Content);
        metadata.Add("thimble.base.small", draft.Base.Small);
        var format = Compute.Formats.BlockFormats.Named("F32");
        GgufWriter.Write(path, metadata, [.. draft.Parts.Select(part => TensorSource.Of(
            part.Target + (part.Name.StartsWith("lora_A", StringComparison.Ordinal) ? A : B), [part.Columns, part.Values.Length / part.Columns], part.Values, format))]);
    }

    // controlvector.model_hint is a name as Hugging Face has it ("mistral" for a llama file), so it is shown but not compared.
    private static AdapterFile Directions(ModelFile file)
    {
        var directions = new SortedDictionary<int, float[]>();
        foreach (StoredTensor tensor in file.Tensors)
        {
            if (!tensor.Name.StartsWith(Direction, StringComparison.Ordinal)
                || !int.TryParse(tensor.Name.AsSpan(Direction.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int layer) || layer < 1)
            {
                throw new InvalidDataException($"Tensor '{tensor.Name}' of '{file.Path}' is no part of a control vector; expected names 'direction.N' with N from 1.");
            }

            directions[layer] = tensor.Values();
        }

        return new(file.Path) { Name = file.Metadata.FindText("general.name"), Directions = directions };
    }
}
