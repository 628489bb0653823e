using System.Runtime.CompilerServices;

namespace Thimble.Models.Tokens;

/// <summary>Pre-tokenizers that use Llama 3's words or vary them.</summary>
/// <remarks>Source: llama.cpp and the <c>tokenizer.json</c> of the models.</remarks>
internal static class LlamaFamily
{
    private const string Contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)", Spaces = @"\s+(?!\S)|\s+";

    private const string MiniCpm = $@"{Contraction}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}+| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|{Spaces}";

    [ModuleInitializer]
    internal static void Register()
    {
        PreTokenizers.Add(() => new PreTokenizer(LlamaSplitter.Pattern(3)) with { IgnoreMerges = true, AddBegin = true },
            "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano");
        PreTokenizers.Add(() => new(LlamaSplitter.Pattern(3)), "dbrx", "smaug-bpe", "glm4", "chatglm-bpe");
        PreTokenizers.Add(() => new(LlamaSplitter.Pattern(1)),
            "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2", "hunyuan", "solar-open", "grok-2");
        PreTokenizers.Add(() => new(LlamaSplitter.Pattern(1, marks: true)), "qwen35");
        PreTokenizers.Add(() => new("[^\n]+|[\n]+", LlamaSplitter.Pattern(1)), "laguna");
        PreTokenizers.Add(
            () => new PreTokenizer(@"\p{N}{1,3}", MiniCpm) with { IgnoreMerges = true },
            "minicpm5");
        PreTokenizers.Add(
            () => new(@"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|" + Spaces),
            "bailingmoe", "bailingmoe2", "llada-moe");
        PreTokenizers.Add(
            () => new($@"{Contraction}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}| ?[^\s\p{{L}}\p{{N}}\r\n]+|\s*[\r\n]+|{Spaces}"), "seed-coder");
        PreTokenizers.Add(() => new(@"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|" + Spaces), "ufakzeka");
        PreTokenizers.Add(
            () => new($@"{Contraction}|[^\r\n\p{{L}}\p{{N}}]?(?:\p{{L}}\p{{M}}*(?: \p{{L}}\p{{M}}*)*)+|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]?|\s*[\r\n]|{Spaces}"),
            "exaone-moe");
        PreTokenizers.Add(
            () => new($@"{Contraction}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|"
                + @"\s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S)|\s{64}(?!\S)|\s{32}(?!\S)|\s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}"),
            "jais-2");
    }
}
