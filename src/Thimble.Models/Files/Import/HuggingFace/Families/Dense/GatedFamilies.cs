using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>Families that are named like Llama and differ in a norm, a factor or an order: SmolLM 3, EXAONE 4, ERNIE 4.5, Hunyuan, Command R, GLM 4,
/// MiniCPM, Nemotron, Mistral 3.</summary>
/// <remarks>Source: Hugging Face transformers, the <c>modeling</c> files of these names; llama.cpp, <c>conversion</c>, for the order of query and key rows.</remarks>
internal static class GatedFamilies
{
    private static readonly (string, string)[] s_glm =
        [("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"), ("self_attn.o_proj", "attn_output"), ("mlp.gate_up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down")];

    [ModuleInitializer]
    internal static void Register()
    {
        TensorName[] paired = GatedDecoder.Gated([.. GatedDecoder.Paired, .. GatedDecoder.Norms()]), plain = GatedDecoder.Gated([.. GatedDecoder.Projections, .. GatedDecoder.Norms()]);
        Family.Add(new("smollm3", "model.", paired) { Says = CheckBlindLayers, DefaultTheta = 2_000_000 }, "SmolLM3ForCausalLM");
        Family.Add(new("ernie4_5", "model.", plain) { OtherPrefixes = ["ernie."], DefaultTheta = 500_000 }, "Ernie4_5ForCausalLM", "Ernie4_5_ForCausalLM");
        Family.Add(
            new("exaone4", "model.", GatedDecoder.Gated(
                [.. GatedDecoder.Projections, .. GatedDecoder.HeadNorms(), new("post_attention_layernorm", "post_attention_norm"), new("post_feedforward_layernorm", "post_ffw_norm")]))
            {
                Slides = true,
            },
            "Exaone4ForCausalLM");
        Family.Add(
            new("hunyuan-dense", "model.", GatedDecoder.Gated(
                [.. GatedDecoder.Projections, .. GatedDecoder.Norms(), new("self_attn.query_layernorm", "attn_q_norm"), new("self_attn.key_layernorm", "attn_k_norm")])),
            "HunYuanDenseV1ForCausalLM");
        TensorName[] parallel = GatedDecoder.Gated(
            [.. GatedDecoder.Projections, new("input_layernorm", "attn_norm"), .. GatedDecoder.HeadNorms().Select(name => name with { Optional = true })]);
        (string, string)[] scale = [("logit_scale", "logit_scale")];
        Family.Add(new("command-r", "model.", parallel) { Numbers = scale, TiesByDefault = true, PlainNorms = false }, "CohereForCausalLM");
        Family.Add(new("cohere2", "model.", parallel) { Numbers = scale, TiesByDefault = true, PlainNorms = false, Slides = true }, "Cohere2ForCausalLM");
        Family.Add(
            new("glm4", "model.", GatedDecoder.Whole(
                [.. s_glm.Select(Named), new("input_layernorm", "attn_norm"), new("post_self_attn_layernorm", "post_attention_norm"), new("post_attention_layernorm", "ffn_norm"), new("post_mlp_layernorm", "post_ffw_norm")])),
            "Glm4ForCausalLM");
        Family.Add(new("chatglm", "model.", GatedDecoder.Whole([.. s_glm.Select(Named), .. GatedDecoder.Norms()])), "GlmForCausalLM");
        Family.Add(new("minicpm", "model.", paired) { Says = AddFactors }, "MiniCPMForCausalLM");
        Family.Add(
            new("nemotron", "model.", GatedDecoder.Whole(
                [.. GatedDecoder.Projections, .. GatedDecoder.Norms(Change.AddOne), new("mlp.up_proj", "ffn_up"), new("mlp.down_proj", "ffn_down")], Change.AddOne))
            {
                PlainNorms = false,
            },
            "NemotronForCausalLM");
        Family.Add(
            new("mistral3", "model.", paired)
            {
                OtherPrefixes = ["model.language_model.", "language_model.model.", "language_model."],
                Beside = ["vision_tower.", "multi_modal_projector.", "model.vision_tower.", "model.multi_modal_projector."],
                Says = (keys, folder) => AddTemperature(keys, folder.Config),
            },
            "Ministral3ForCausalLM", "Mistral3ForConditionalGeneration");
    }

    /// <summary>Adds MiniCPM's factors.</summary>
    internal static void AddFactors(ArchitectureKeys keys, FolderSizes folder)
    {
        if (folder.Config.FindNumber("scale_emb") is { } embedding)
            keys.Add("embedding_scale", embedding);
        if (folder.Config.FindNumber("scale_depth") is { } depth)
            keys.Add("residual_scale", depth / Math.Sqrt(folder.Shape.Layers));
        if (folder.Config.FindNumber("dim_model_base") is > 0 and var width)
            keys.Add("logit_scale", folder.Shape.Width / width);
    }

    private static TensorName Named((string Theirs, string Ours) name) => new(name.Theirs, name.Ours);

    private static void AddTemperature(ArchitectureKeys keys, JsonFile config)
    {
        JsonFile? turns = config.FindObject("rope_parameters");
        if (turns?.FindNumber("llama_4_scaling_beta") is { } scale)
            keys.Add("attention.temperature_scale", scale);
        if (turns?.FindNumber("mscale_all_dim") is { } growth)
            keys.Add("rope.scaling.yarn_log_multiplier", growth);
    }

    /// <summary>GGUF has no key for the layers that do not turn; the architecture knows every fourth.</summary>
    private static void CheckBlindLayers(ArchitectureKeys keys, FolderSizes folder)
    {
        long[] turned = folder.Config.FindIntegers("no_rope_layers") ?? [];
        if (turned.Length > 0 && Enumerable.Range(0, Math.Min(turned.Length, folder.Shape.Layers)).Any(layer => (turned[layer] == 0) != (layer % 4 == 3)))
            throw new NotSupportedException($"'{folder.Config.Path}': 'no_rope_layers' names others than every fourth layer, which alone architecture 'smollm3' leaves unturned.");
    }
}
