using System.Runtime.CompilerServices;

namespace Thimble.Models.Tokens;

/// <summary>Pre-tokenizers that cut little: at sentence signs, at numbers, or at line ends only.</summary>
/// <remarks>Source: llama.cpp and the <c>tokenizer.json</c> of the models.</remarks>
internal static class OtherFamilies
{
    private const string Bloom = @" ?[^(\s|.,!?…。，、।۔،)]+";

    [ModuleInitializer]
    internal static void Register()
    {
        PreTokenizers.Add(() => new(Bloom), "bloom", "poro-chat", "gpt3-finnish");
        PreTokenizers.Add(() => new(Bloom, @"\p{N}"), "viking");
        PreTokenizers.Add(() => new([new PatternSplitter(@"\p{N}+"), new DigitGroups(DigitGroups.Decimal, apart: false)]), "superbpe");
        PreTokenizers.Add(
            () => new PreTokenizer("[^\n]+|[\n]+") with { RawBytes = true, AddBegin = true }, "gemma4", "granite-embed-multi-311m");
        PreTokenizers.Add(() => new PreTokenizer("[^\n]+|[\n]+") with { RawBytes = true }, "sarvam-moe");
    }
}
