using System.Runtime.CompilerServices;

namespace Thimble.Models.Tokens;

/// <summary>Pre-tokenizers that cut words where lower case turns to upper: GPT-4o and its kin.</summary>
/// <remarks>Source: the patterns of the models' own <c>tokenizer.json</c>. llama.cpp rewrites some of them for a matcher without
/// upper and lower case beyond ASCII; the models saw these.</remarks>
internal static class Gpt4oFamily
{
    public const string Contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

    [ModuleInitializer]
    internal static void Register()
    {
        PreTokenizers.Add(() => new(Words(Contraction + "?", @"\p{N}{1,3}")), "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2");
        PreTokenizers.Add(() => new PreTokenizer(Words(Contraction + "?", @"\p{N}{1,3}")) with { IgnoreMerges = true }, "granite-embed-multi-97m");
        PreTokenizers.Add(() => new PreTokenizer(Words("", @"\p{N}")) with { IgnoreMerges = true, AddBegin = true }, "tekken");
        PreTokenizers.Add(
            () => new([new DigitGroups(DigitGroups.Decimal), new PatternSplitter(Words(Contraction + "?", @"\p{N}{1,3}"))]), "tiny_aya", "cohere2moe");
        PreTokenizers.Add(
            () => new PreTokenizer("[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|[一-龥぀-ゟ゠-ヿ]+", Words(Contraction + "?", @"\p{N}")) with { IgnoreMerges = true },
            "youtu");
        PreTokenizers.Add(() => new(@"\p{Han}+|" + Words(Contraction + "?", @"\p{N}{1,3}", @"&&[^\p{Han}]", "")), "kimi-k2");
    }

    public static string Words(string ending, string number, string but = "", string slash = "/") =>
        $@"[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}\p{{Lm}}\p{{Lo}}\p{{M}}{but}]*[\p{{Ll}}\p{{Lm}}\p{{Lo}}\p{{M}}{but}]+{ending}"
        + $@"|[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}\p{{Lm}}\p{{Lo}}\p{{M}}{but}]+[\p{{Ll}}\p{{Lm}}\p{{Lo}}\p{{M}}{but}]*{ending}"
        + $@"|{number}| ?[^\s\p{{L}}\p{{N}}]+[\r\n{slash}]*|\s*[\r\n]+|\s+(?!\S)|\s+";
}
