namespace Thimble.Peers.Files;

/// <summary>Which format each matrix of a model gets under the name of a mix, so that files are as llama-quantize would make them.</summary>
/// <remarks>Source: llama.cpp, <c>src/llama-quant.cpp</c>, its choice per tensor without an importance matrix, as of release 0.5.0, for dense models.</remarks>
/// <param name="name">The mix: a format, or one of <see cref="Names"/>.</param>
/// <param name="shape">The model.</param>
internal sealed class FormatMix(string name, KnownShape shape)
{
    /// <summary>The mixes of the scoreboard, and the number by which a file says which one it holds.</summary>
    public static IReadOnlyDictionary<string, int> Names { get; } = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase)
    {
        ["F16"] = 1,
        ["BF16"] = 32,
        ["Q8_0"] = 7,
        ["Q4_0"] = 2,
        ["Q4_K_M"] = 15,
        ["Q6_K"] = 18,
        ["Q2_K"] = 10,
        ["TQ2_0"] = 37,
    };

    /// <summary>The format of a matrix.</summary>
    /// <param name="tensor">Its name without layer and ending, such as <c>ffn_down</c>.</param>
    /// <param name="layer">Its layer.</param>
    /// <param name="columns">Its columns; where they are no whole number of blocks, the next larger format that fits is taken.</param>
    public string Of(string tensor, int layer, int columns)
    {
        string wanted = name is "F16" or "BF16" or "F32" ? name : Wanted(tensor, layer);
        return Blocks(wanted) is var block && columns % block == 0 ? wanted : Fallback(wanted);
    }

    private string Wanted(string tensor, int layer) => (name, tensor) switch
    {
        ("Q8_0", _) => "Q8_0",
        (_, "token_embd") => "Q6_K",   // every shape here ties its head to it
        ("Q4_K_M", "attn_v" or "ffn_down") => TakesMore(layer) ? "Q6_K" : "Q4_K",
        ("Q4_K_M", _) => "Q4_K",
        ("Q2_K", "attn_v") => shape.Heads / shape.KeyHeads >= 4 ? "Q4_K" : "Q3_K",
        ("Q2_K", "ffn_down" or "attn_output") => "Q3_K",
        _ => name,
    };

    /// <summary>The first and last eighth of the layers, and every third between.</summary>
    private bool TakesMore(int layer) =>
        layer < shape.Layers / 8 || layer >= 7 * shape.Layers / 8 || (layer - (shape.Layers / 8)) % 3 == 2;

    private static int Blocks(string format) => format switch
    {
        "F16" or "BF16" or "F32" => 1,
        "Q4_0" or "Q8_0" => 32,
        _ => 256,
    };

    private static string Fallback(string format) => format switch
    {
        "Q4_K" => "Q5_0",
        "Q6_K" => "Q8_0",
        _ => "Q4_0",   // Q2_K, Q3_K, TQ2_0; releases of 2025 took IQ4_NL for the first two
    };
}
