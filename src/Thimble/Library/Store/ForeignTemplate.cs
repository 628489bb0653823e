using System.Text.RegularExpressions;

namespace Thimble.Library;

/// <summary>Ollama's chat templates are programs in Go's language; most say what a well-known one in Jinja says.</summary>
/// <remarks>A model's own template, in its file, goes before: it is the one its makers wrote. Where there is none, the marks that
/// Go's text holds tell which form is meant.</remarks>
internal static partial class ForeignTemplate
{
    private const string EachTurn = "{% for message in messages %}", Ask = "{% if add_generation_prompt %}";

    private static readonly (string Mark, string Jinja)[] s_families =
    [
        ("<|im_start|>", EachTurn + "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}" + Ask + "<|im_start|>assistant\n{% endif %}"),
        ("<|start_header_id|>", "{{ bos_token }}" + EachTurn + "<|start_header_id|>{{ message.role }}<|end_header_id|>\n\n{{ message.content }}<|eot_id|>{% endfor %}"
            + Ask + "<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"),
        ("<start_of_turn>", "{{ bos_token }}" + EachTurn + "<start_of_turn>{{ 'model' if message.role == 'assistant' else 'user' }}\n{{ message.content }}<end_of_turn>\n{% endfor %}"
            + Ask + "<start_of_turn>model\n{% endif %}"),
        ("<|end|>", EachTurn + "<|{{ message.role }}|>\n{{ message.content }}<|end|>\n{% endfor %}" + Ask + "<|assistant|>\n{% endif %}"),
        ("<|assistant|>", EachTurn + "<|{{ message.role }}|>\n{{ message.content }}{{ eos_token }}\n{% endfor %}" + Ask + "<|assistant|>\n{% endif %}"),
        ("[INST]", "{{ bos_token }}" + EachTurn + "{% if message.role == 'assistant' %} {{ message.content }}{{ eos_token }}{% else %}[INST] {{ message.content }} [/INST]{% endif %}{% endfor %}"),
        ("### Instruction", EachTurn + "{% if message.role == 'assistant' %}### Response:\n{{ message.content }}\n\n{% else %}### Instruction:\n{{ message.content }}\n\n{% endif %}{% endfor %}"
            + Ask + "### Response:\n{% endif %}"),
        ("USER:", EachTurn + "{% if message.role == 'system' %}{{ message.content }} {% elif message.role == 'user' %}USER: {{ message.content }} {% else %}ASSISTANT: {{ message.content }}{{ eos_token }}{% endif %}{% endfor %}"
            + Ask + "ASSISTANT:{% endif %}"),
    ];

    /// <summary>A template that replaces a file's own.</summary>
    /// <param name="text">The template as the shelf has it.</param>
    /// <param name="own">The file's own; null if it has none.</param>
    /// <returns>A template in Jinja; null to leave it at the file's own, or at none.</returns>
    /// <exception cref="NotSupportedException">It is Go's and of no known form, and the file has none of its own.</exception>
    public static string? Jinja(string text, string? own)
    {
        if (!IsGo(text))
            return text;
        if (own is not null || IsPlain(text))
            return null;

        return s_families.FirstOrDefault(family => text.Contains(family.Mark, StringComparison.Ordinal)).Jinja
            ?? throw new NotSupportedException(
                "The model's chat template is written for Ollama (in Go) and of no form known here; known are those with "
                + $"{string.Join(", ", s_families.Select(family => family.Mark))}. Give one in Jinja instead.");
    }

    /// <summary>Whether a template is Go's: its names begin with a dot.</summary>
    public static bool IsGo(string text) => GoAction().IsMatch(text) && !text.Contains("{%", StringComparison.Ordinal);

    private static bool IsPlain(string text) => Plain().IsMatch(text);

    [GeneratedRegex(@"\{\{-?\s*(\.|\$|if\s|range\s|with\s|else|end\b|block\s|define\s|template\s|slice\s|json\s)")]
    private static partial Regex GoAction();

    [GeneratedRegex(@"^\s*(\{\{-?\s*\.(System|Prompt|Response|Suffix)\s*-?\}\}\s*)*$")]
    private static partial Regex Plain();
}
