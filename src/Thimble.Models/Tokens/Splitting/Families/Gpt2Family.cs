using System.Runtime.CompilerServices;

namespace Thimble.Models.Tokens;

/// <summary>Pre-tokenizers that use GPT-2's words, some after cutting digits or signs apart.</summary>
/// <remarks>Source: llama.cpp and the <c>tokenizer.json</c> of the models.</remarks>
internal static class Gpt2Family
{
    private static readonly string[] s_chameleon =
        ["<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", @"([\t\n]|    |  )", @"\p{N}", @"[\p{P}!-/:-@\[-`{-~]"];

    [ModuleInitializer]
    internal static void Register()
    {
        PreTokenizers.Add(() => new(Gpt2Splitter.Pattern),
            "gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0", "mellum", "modern-bert",
            "mpt", "olmo", "jais", "trillion", "granite-docling", "exaone4", "jina-v1-en", "jina-v2-code", "roberta-bpe");
        PreTokenizers.Add(() => new(@"\p{N}", Gpt2Splitter.Pattern),
            "starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "minerva", "mellum2");
        PreTokenizers.Add(() => new(@"[\p{P}\$\+<=>\^~\|`]+", Gpt2Splitter.Pattern, "[0-9][0-9][0-9]"), "falcon");
        PreTokenizers.Add(() => new(@"[\p{P}\$\+<=>\^~\|]+", Gpt2Splitter.Pattern, @"\p{N}+", "[0-9][0-9][0-9]"), "default");
        PreTokenizers.Add(() => new PreTokenizer([.. s_chameleon, Gpt2Splitter.Pattern]) with { AddBegin = true }, "chameleon");
    }
}
