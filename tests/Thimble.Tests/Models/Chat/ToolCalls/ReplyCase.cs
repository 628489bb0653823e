namespace Thimble.Tests.Models.Chat;

/// <summary>What is known of a template's replies.</summary>
/// <param name="Family">The line of models it replies like.</param>
/// <param name="Exceptions">The turns that cannot be read back.</param>
/// <param name="Reason">Why not.</param>
internal sealed record ReplyCase(string Family, string Exceptions = "", string Reason = "")
{
    private static readonly Dictionary<string, ReplyCase> s_cases = new(StringComparer.Ordinal)
    {
        ["Apertus-8B-Instruct"] = new("apertus"),
        ["Apriel-1.6-15b-Thinker-fixed"] = new("apriel"),
        ["Bielik-11B-v3.0-Instruct"] = new("hermes"),
        ["ByteDance-Seed-OSS"] = new("seed"),
        ["Cohere2MoE"] = new("command-r7b"),
        ["CohereForAI-c4ai-command-r-plus-tool_use"] = new("command-r-plus", "one two empty plain said thought answer", "refuses schemas that do not spell out additionalProperties"),
        ["CohereForAI-c4ai-command-r7b-12-2024-tool_use"] = new("command-r7b"),
        ["GLM-4.6"] = new("glm"),
        ["GLM-4.7-Flash"] = new("glm"),
        ["GigaChat3-10B-A1.8B"] = new("gigachat", "two plain", "writes the first call only"),
        ["GigaChat3.1-10B-A1.8B"] = new("gigachat", "two plain", "writes the first call only"),
        ["HuggingFaceTB-SmolLM3-3B"] = new("generic", "one two empty plain said thought", "writes no calls: it knows no tools, or only tells how to call them"),
        ["Kimi-K2-Instruct"] = new("kimi"),
        ["Kimi-K2-Thinking"] = new("kimi"),
        ["LFM2-8B-A1B"] = new("lfm2", "one two empty plain said thought", "writes no calls: it knows no tools, or only tells how to call them"),
        ["LFM2.5-8B-A1B"] = new("lfm2.5", "two said", "writes quotes inside texts without escapes"),
        ["LFM2.5-Instruct"] = new("lfm2.5-listed", "one two empty plain said thought", "writes no calls: it knows no tools, or only tells how to call them"),
        ["MiMo-VL"] = new("hermes"),
        ["MiniMax-M2"] = new("minimax"),
        ["MiniMax-M3"] = new("minimax-m3"),
        ["Mistral-Small-3.2-24B-Instruct-2506"] = new("mistral"),
        ["NVIDIA-Nemotron-3-Nano-30B-A3B-BF16"] = new("qwen-coder"),
        ["NVIDIA-Nemotron-Nano-v2"] = new("nemotron", "said answer", "writes an answer into reasoning that it does not close"),
        ["NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use"] = new("hermes"),
        ["NousResearch-Hermes-3-Llama-3.1-8B-tool_use"] = new("hermes"),
        ["Qwen-QwQ-32B"] = new("hermes"),
        ["Qwen-Qwen2.5-7B-Instruct"] = new("hermes"),
        ["Qwen-Qwen3-0.6B"] = new("hermes"),
        ["Qwen3-Coder"] = new("qwen-coder"),
        ["Qwen3.5-4B"] = new("qwen-coder"),
        ["Reka-Edge"] = new("hermes"),
        ["StepFun3.5-Flash"] = new("qwen-coder"),
        ["deepseek-ai-DeepSeek-R1-Distill-Llama-8B"] = new("deepseek", "one two empty plain said thought", "writes no calls: it knows no tools, or only tells how to call them"),
        ["deepseek-ai-DeepSeek-R1-Distill-Qwen-32B"] = new("deepseek"),
        ["deepseek-ai-DeepSeek-V3.1"] = new("deepseek"),
        ["deepseek-ai-DeepSeek-V3.2"] = new("deepseek-markup"),
        ["deepseek-ai-DeepSeek-V4"] = new("deepseek-markup"),
        ["deepseek-ai-DeepSeek-V4-Flash-0731"] = new("deepseek-markup"),
        ["fireworks-ai-llama-3-firefunction-v2"] = new("firefunction", "one two empty plain said thought answer", "wants its tools in a variable of its own, functions"),
        ["google-gemma-2-2b-it"] = new("generic", "one two empty plain said thought", "writes no calls: it knows no tools, or only tells how to call them"),
        ["google-gemma-4-31B-it"] = new("gemma4"),
        ["google-gemma-4-31B-it-interleaved"] = new("gemma4"),
        ["ibm-granite-granite-3.3-2B-Instruct"] = new("granite", "one two empty plain said thought", "writes no calls: it knows no tools, or only tells how to call them"),
        ["ibm-granite-granite-4.0"] = new("hermes"),
        ["ibm-granite-granite-4.1"] = new("hermes"),
        ["llama-cpp-deepseek-r1"] = new("deepseek", "one two empty plain said thought answer", "hands a generator to tojson, which Python refuses too"),
        ["llama-cpp-rwkv-world"] = new("generic", "one two empty plain said thought", "writes no calls: it knows no tools, or only tells how to call them"),
        ["meetkai-functionary-medium-v3.1"] = new("functionary-3.1"),
        ["meetkai-functionary-medium-v3.2"] = new("functionary-3.2", "one two empty plain said thought", "adds arguments to a text, so that they may be no object"),
        ["meta-llama-Llama-3.1-8B-Instruct"] = new("llama3", "two plain", "refuses more than one call"),
        ["meta-llama-Llama-3.2-3B-Instruct"] = new("llama3", "two plain", "refuses more than one call"),
        ["meta-llama-Llama-3.3-70B-Instruct"] = new("llama3", "two plain", "refuses more than one call"),
        ["microsoft-Phi-3.5-mini-instruct"] = new("generic", "one two empty plain said thought", "writes no calls: it knows no tools, or only tells how to call them"),
        ["mistralai-Ministral-3-14B-Reasoning-2512"] = new("mistral"),
        ["mistralai-Mistral-Nemo-Instruct-2407"] = new("mistral"),
        ["moonshotai-Kimi-K2"] = new("kimi"),
        ["openai-gpt-oss-120b"] = new("harmony", "two plain said", "writes the first call only, and text beside it as reasoning"),
        ["openbmb-MiniCPM5-1B"] = new("minicpm"),
        ["poolside-Laguna-S-2.1"] = new("glm"),
        ["poolside-Laguna-XS-2.1"] = new("glm"),
        ["poolside-Laguna-XS.2"] = new("glm"),
        ["tencent-Hy3"] = new("hunyuan-3"),
        ["unsloth-Apriel-1.5"] = new("apriel"),
        ["unsloth-mistral-Devstral-Small-2507"] = new("mistral"),
        ["upstage-Solar-Open-100B"] = new("solar"),
    };

    /// <summary>The names of the templates.</summary>
    public static IEnumerable<string> Names => s_cases.Keys;

    public static ReplyCase Of(string template) => s_cases[template];

    public bool Excepts(string turn) => Exceptions.Split(' ').Contains(turn);
}
