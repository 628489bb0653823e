using System.Text.Json;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>Every intermediate of one forward pass of the sorting model: three texts of eleven tokens.</summary>
/// <remarks>Unprefixed steps (<c>ln1 … mlpResid</c>) are those of layer 0; <c>block0</c> to <c>block2</c> are the layers' outputs.
/// Shapes are slowest dimension first: <c>idx</c> [3, 11], <c>x</c> [3, 11, 48], <c>q</c> [3, 3, 11, 16], <c>lm_head</c> [3, 11, 3].</remarks>
internal sealed class GptNanoPartials
{
    private readonly Dictionary<string, (long[] Shape, float[] Values)> _steps = [];

    public GptNanoPartials()
        : this(Golden.Path("gpt-nano-sort/gpt-nano-sort-t0-partials.json"))
    {
    }

    public GptNanoPartials(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        foreach (JsonProperty entry in json.RootElement.EnumerateObject().Where(entry => entry.Value.TryGetProperty("data", out _)))
            _steps.Add(entry.Name, GptNano.Read(entry.Value));
    }

    public IEnumerable<string> Steps => _steps.Keys;

    public long[] Shape(string step) => _steps[step].Shape;

    public float[] Values(string step) => _steps[step].Values;

    /// <summary>The token ids, shape [texts][tokens].</summary>
    public int[][] Ids => [.. Values("idx").Chunk((int)Shape("idx")[1]).Select(text => Array.ConvertAll(text, id => (int)id))];
}
