using Thimble.Compute.Formats;

namespace Thimble.Models.Files;

/// <summary>Products behind the pooling, as the folders of Sentence Transformers hold them: <c>2_Dense/model.safetensors</c>, and a third.</summary>
internal static class DenseFiles
{
    /// <summary>The tensors <c>dense_2</c> and <c>dense_3</c>, of those that there are.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <exception cref="NotSupportedException">A file of them holds something else, or a function follows a product.</exception>
    public static IEnumerable<StoredTensor> Read(string folder)
    {
        foreach (int number in (int[])[2, 3])
        {
            string inner = Path.Combine(folder, $"{number}_Dense");
            if (!Directory.Exists(inner))
                continue;
            if (JsonFile.Find(Path.Combine(inner, "config.json"))?.FindText("activation_function") is { } function && !function.EndsWith("Identity", StringComparison.Ordinal))
                throw new NotSupportedException($"'{inner}': the function '{function}' is unknown; known: Identity.");
            using var weights = Safetensors.Open(inner);
            foreach (SafeTensor tensor in weights.Tensors)
            {
                string end = tensor.Name is "linear.weight" or "linear.bias" ? tensor.Name["linear".Length..]
                    : throw new NotSupportedException($"'{inner}': tensor '{tensor.Name}' is unknown; known: linear.weight, linear.bias.");
                float[] values = tensor.Values();
                yield return Computed.Tensor($"dense_{number}{end}", BlockFormats.Named("F32"), [.. tensor.Shape.Reverse()], memory =>
                {
                    for (int i = 0; i < values.Length; i++)
                        BitConverter.TryWriteBytes(memory.Slice(4L * i, sizeof(float)), values[i]);
                });
            }
        }
    }
}
