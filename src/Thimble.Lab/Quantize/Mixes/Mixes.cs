using Thimble.Compute.Formats;
using static Thimble.Lab.Quantize.Choices;

namespace Thimble.Lab.Quantize;

/// <summary>The mixes that can be asked for by name.</summary>
/// <remarks>Source: llama.cpp, <c>src/llama-quant.cpp</c>: which kinds of tensors get which format was tuned there by perplexity, and files
/// of one name should mean one thing. The numbers are its <c>llama_ftype</c>.</remarks>
internal static class Mixes
{
    private static readonly Choice s_ofEight = Eight(All("Q5_K"));
    private static readonly Choice s_keysOfEight = Eight(All("Q4_K"));

    private static readonly Mix[] s_all =
    [
        new("F32", 0, "F32"),
        new("F16", 1, "F16"),
        new("BF16", 32, "BF16"),
        new("Q4_0", 2, "Q4_0") { Down = Unweighted(All("Q4_0"), First(8, "Q4_1")) },
        new("Q4_1", 3, "Q4_1"),
        new("Q8_0", 7, "Q8_0") { Head = "Q8_0" },
        new("Q5_0", 8, "Q5_0") { Down = Unweighted(All("Q5_0"), First(8, "Q5_1")) },
        new("Q5_1", 9, "Q5_1"),
        new("Q2_K", 10, "Q2_K") { Value = Grouped("Q4_K", "Q3_K"), Down = All("Q3_K"), Output = Eight(All("Q5_K"), All("Q3_K")) },
        new("Q2_K_S", 21, "Q2_K") { Value = Grouped("Q4_K"), Down = First(8, "Q4_K") },
        new("Q3_K_S", 11, "Q3_K") { Output = s_ofEight },
        new("Q3_K_M", 12, "Q3_K")
        {
            Value = Until(2, "Q5_K", "Q4_K"),
            Down = place => place.IsFirst(16) ? "Q5_K" : Falcon(Sensitive("Q4_K"), All("Q4_K"))(place),
            Output = Eight(All("Q5_K"), All("Q4_K")),
            Aliases = ["Q3_K"],
        },
        new("Q3_K_L", 13, "Q3_K")
        {
            Value = All("Q5_K"),
            Down = Falcon(All("Q4_K"), All("Q5_K")),
            Output = Eight(All("Q3_K"), All("Q5_K")),
            FalconOutput = "Q4_K",
        },
        new("Q4_K_S", 14, "Q4_K") { Value = Until(4, "Q5_K"), Down = Falcon(null, First(8, "Q5_K")), Output = s_ofEight },
        new("Q4_K_M", 15, "Q4_K")
        {
            Value = Sensitive("Q6_K"),
            Down = Falcon(place => place.IsFirst(16) ? "Q6_K" : Sensitive("Q5_K")(place), Sensitive("Q6_K")),
            Output = s_ofEight,
            Aliases = ["Q4_K"],
        },
        new("Q5_K_S", 16, "Q5_K"),
        new("Q5_K_M", 17, "Q5_K") { Value = Sensitive("Q6_K"), Down = Sensitive("Q6_K"), Aliases = ["Q5_K"] },
        new("Q6_K", 18, "Q6_K"),
        Tiny("IQ1_S", 24, "IQ1_S", "Q2_K", "Q2_K") with { Output = Eight(All("Q5_K"), All("IQ2_XXS")) },
        Tiny("IQ1_M", 31, "IQ1_M", "Q2_K", "Q2_K") with { Output = Eight(All("Q5_K"), All("IQ2_XXS")) },
        Tiny("IQ2_XXS", 19, "IQ2_XXS", "Q2_K", "Q2_K"),
        Tiny("IQ2_XS", 20, "IQ2_XS", "Q2_K", "Q2_K"),
        Tiny("IQ2_S", 28, "IQ2_XS", "IQ3_S", "IQ3_S") with { Output = Eight(All("Q5_K"), All("IQ3_S")) },
        Tiny("IQ2_M", 29, "IQ2_S", "IQ3_S", "IQ3_S") with { Output = Eight(All("Q5_K"), All("IQ3_S")) },
        new("IQ3_XXS", 23, "IQ3_XXS")
        {
            Head = "Q5_K",
            Embedding = "IQ3_S",
            Value = Unweighted(Grouped("Q4_K", "IQ3_S"), Grouped("Q4_K", "IQ3_XXS")),
            Key = Eight(All("Q8_0"), All("IQ2_S")),
            Query = All("IQ2_S"),
            Down = Unweighted(First(8, "Q4_K", "Q3_K")),
            Output = Eight(All("Q5_K"), All("IQ3_S")),
        },
        new("IQ3_XS", 22, "IQ3_S")
        {
            Value = Grouped("Q4_K"),
            Key = Eight(All("Q8_0"), All("IQ3_XXS")),
            Query = All("IQ3_XXS"),
            Up = Middle("IQ3_XXS"),
            Output = s_ofEight,
        },
        new("IQ3_S", 26, "IQ3_S") { Value = Grouped("Q4_K"), Output = s_ofEight },
        new("IQ3_M", 27, "IQ3_S")
        {
            Value = All("Q4_K"),
            Down = place => place.IsFirst(8) ? "Q4_K" : Eight(Sensitive("Q4_K"))(place),
            Output = Eight(All("Q5_K"), All("Q4_K")),
        },
        new("IQ4_NL", 25, "IQ4_NL") { Value = Grouped("Q5_K"), Down = Unweighted(First(8, "Q5_K")), Output = s_ofEight },
        new("IQ4_XS", 30, "IQ4_XS") { Value = Grouped("Q5_K"), Down = Unweighted(First(8, "Q5_K")), Output = s_ofEight },
        new("TQ1_0", 36, "TQ1_0") { Embedding = "Q4_K" },
        new("TQ2_0", 37, "TQ2_0") { Embedding = "Q4_K" },
        new("MXFP4_MOE", 38, "Q8_0") { Head = "Q8_0", Expert = "MXFP4" },
        new("NVFP4", 39, "NVFP4"),
        new("Q1_0", 40, "Q1_0"),
        new("Q2_0", 41, "Q2_0") { Embedding = "Q4_K" },
    ];

    /// <summary>All of them, and a plain one for every other format that can hold weights.</summary>
    public static IReadOnlyList<Mix> Known { get; } = [.. s_all, .. Plain()];

    /// <summary>The mix of a name, whatever its case.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static Mix Named(string name) =>
        Known.FirstOrDefault(mix => mix.Aliases.Prepend(mix.Name).Contains(name, StringComparer.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"Type '{name}' is unknown; known: {string.Join(", ", Known.Select(mix => mix.Name))}.", nameof(name));

    /// <summary>A mix of two bits or less: what is kept finer is attention's values and the first eighth's feed-forward parts.</summary>
    private static Mix Tiny(string name, int fileType, string format, string values, string first) => new(name, fileType, format)
    {
        IsTiny = true,
        Head = "Q5_K",
        Embedding = values,
        Value = place => place.Model.HeadsPerKey >= 4 || place.Model.Experts >= 4 ? "Q4_K" : values,
        Key = s_keysOfEight,
        Down = First(8, first),
        Output = s_ofEight,
    };

    private static IEnumerable<Mix> Plain()
    {
        string[] named = [.. s_all.SelectMany(mix => mix.Aliases.Prepend(mix.Name))];
        return BlockFormats.All
            .Where(format => !named.Contains(format.Name) && !(format.Name[0] == 'I' && format.BlockLength == 1))   // whole numbers are indices, never weights
            .Select(format => new Mix(format.Name, null, format.Name));
    }
}
