using System.Text;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>What a kind of tokenizer assumes where its file says nothing.</summary>
/// <remarks>A kind that adds separators puts every text between the begin and the separator token, whatever its file says.</remarks>
internal sealed record SpecialDefaults(
    int? Begin = null, int? End = null, int? Unknown = null, int? Separator = null,
    bool AddBegin = false, bool AddEnd = false, bool AddSeparator = false, bool AddSpacePrefix = false);

/// <summary>The tokens a runtime deals in: where a text begins, where a turn ends, which ones end a generation.</summary>
/// <remarks>Source: llama.cpp, which finds by their texts those that a file does not name.</remarks>
internal sealed class SpecialTokens
{
    private const string Prefix = "tokenizer.ggml.";

    private static readonly string[] s_turnEnds =
        ["<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>", "<EOT>", "_<EOT>", "[EOT]", "<｜end▁of▁sentence｜>", "<end_of_utterance>"];

    private static readonly string[] s_ends =
    [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>", "<|endoftext|>", "</s>",
        "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>", "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>",
        "<｜end▁of▁sentence｜>", "[e~[",
    ];

    // Of the signs that fill in the middle of code, those that pad or name a file also end a generation.
    private static readonly (string Key, bool Ends, string[] Texts)[] s_infill =
    [
        ("fim_pre_token_id", false, ["<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>", "<|code_prefix|>", "<|prefix|>"]),
        ("fim_suf_token_id", false, ["<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>", "<|code_suffix|>", "<|suffix|>"]),
        ("fim_mid_token_id", false, ["<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>", "<|code_middle|>", "<|middle|>"]),
        ("fim_pad_token_id", true, ["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"]),
        ("fim_rep_token_id", true, ["<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"]),
        ("fim_sep_token_id", true, ["<|file_sep|>"]),
    ];

    private readonly Vocabulary _vocabulary;
    private readonly HashSet<int> _ends = [];

    public SpecialTokens(Metadata metadata, Vocabulary vocabulary, SpecialDefaults defaults)
    {
        _vocabulary = vocabulary;
        Begin = Id(metadata, "bos_token_id") ?? Id(metadata, "cls_token_id") ?? Known(defaults.Begin);
        End = Id(metadata, "eos_token_id") ?? Known(defaults.End);
        Unknown = Id(metadata, "unknown_token_id") ?? Known(defaults.Unknown);
        // The first spelling is the one GGUF files carry.
        Separator = Id(metadata, "seperator_token_id") ?? Id(metadata, "separator_token_id") ?? Known(defaults.Separator);
        EndOfTurn = Id(metadata, "eot_token_id") ?? FindControl(s_turnEnds);
        EndOfMessage = Id(metadata, "eom_token_id") ?? FindControl(["<|eom_id|>"]);
        AddSeparator = defaults.AddSeparator && Separator is not null;
        AddBegin = AddSeparator ? Begin is not null : Adds(metadata, "add_bos_token", Begin, "bos_token_id", defaults.AddBegin);
        AddEnd = !AddSeparator && Adds(metadata, "add_eos_token", End, "eos_token_id", defaults.AddEnd);
        AddSpacePrefix = metadata.FindFlag(Prefix + "add_space_prefix") ?? defaults.AddSpacePrefix;
        Lead = Ids(metadata, "lead_token_ids");
        // A kind that always separates (BERT's) ends both texts of a pair too, whatever flags its file lacks.
        bool ends = AddEnd || AddSeparator;
        int[] end = ends ? [AddSeparator ? Separator!.Value : End!.Value] : [];
        bool separates = !AddSeparator && Separator is not null && (metadata.FindFlag(Prefix + "add_sep_token") ?? !ends);
        PairEnd = end;
        PairMiddle = separates ? [.. end, Separator!.Value] : end;
        FindInfill(metadata);
        FindEnds();
    }

    public int? Begin { get; }

    /// <summary>What every text begins with, even before <see cref="Begin"/>: a model's meta tokens, in place of a learned first state.</summary>
    public int[] Lead { get; }

    /// <summary>What stands between the texts of a pair.</summary>
    public int[] PairMiddle { get; }

    /// <summary>What a pair of texts ends with.</summary>
    public int[] PairEnd { get; }

    public int? End { get; }

    public int? EndOfTurn { get; }

    public int? EndOfMessage { get; }

    public int? Unknown { get; }

    public int? Separator { get; }

    public bool AddBegin { get; }

    public bool AddEnd { get; }

    public bool AddSeparator { get; }

    public bool AddSpacePrefix { get; }

    public IReadOnlyCollection<int> Ends => _ends;

    public bool IsEnd(int id) => _ends.Contains(id);

    private void FindInfill(Metadata metadata)
    {
        foreach ((string key, bool ends, string[] texts) in s_infill)
        {
            if ((Id(metadata, key) ?? FindControl(texts)) is { } id && ends)
                _ends.Add(id);
        }
    }

    private void FindEnds()
    {
        foreach (string text in s_ends)
        {
            if (FindControl([text]) is { } id)
                _ends.Add(id);
        }

        foreach (string text in (string[])["<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"])
        {
            if (Find(text) is { } id)
                _vocabulary.SetKind(id, TokenKind.UserDefined);
        }

        foreach (int? id in (int?[])[End, EndOfTurn, EndOfMessage])
        {
            if (id is { } end)
                _ends.Add(end);
        }

        // In the harmony format a message ends with <|end|> and the turn goes on.
        bool calls = IsEnd("<|call|>") || IsEnd("<|calls|>");
        if (calls && (IsEnd("<|return|>") || IsEnd("<|flush|>")) && Find("<|end|>") is { } message && _ends.Remove(message))
            _vocabulary.SetKind(message, TokenKind.UserDefined);
        if (IsEnd("<|tool_response>") && Find("</s>") is { } strike && _ends.Remove(strike))
            _vocabulary.SetKind(strike, TokenKind.Normal);
    }

    private int[] Ids(Metadata metadata, string key)
    {
        if (!metadata.TryGet(Prefix + key, out object? value) || value is not MetadataArray array)
            return [];
        long[] ids = array.Integers();
        return Array.FindIndex(ids, id => id < 0 || id >= _vocabulary.Count) is >= 0 and var wrong
            ? throw new InvalidDataException($"Metadata key '{Prefix}{key}' has the id {ids[wrong]}; expected 0 to {_vocabulary.Count - 1}.")
            : [.. ids.Select(id => (int)id)];
    }

    private bool IsEnd(string text) => Find(text) is { } id && _ends.Contains(id);

    private int? Find(string text) => _vocabulary.Find(Encoding.UTF8.GetBytes(text));

    private int? FindControl(string[] texts)
    {
        foreach (string text in texts)
        {
            if (Find(text) is { } id)
            {
                _vocabulary.SetKind(id, TokenKind.Control);
                return id;
            }
        }

        return null;
    }

    private int? Known(int? id) => id < _vocabulary.Count ? id : null;

    private int? Id(Metadata metadata, string name)
    {
        if (metadata.FindInteger(Prefix + name) is not { } id)
            return null;

        return id >= 0 && id < _vocabulary.Count
            ? (int)id
            : throw new InvalidDataException($"Metadata key '{Prefix}{name}' is {id}; the vocabulary has {_vocabulary.Count} tokens, 0 to {_vocabulary.Count - 1}.");
    }

    private static bool Adds(Metadata metadata, string flag, int? id, string key, bool otherwise)
    {
        bool? asked = metadata.FindFlag(Prefix + flag);
        return asked == true && id is null
            ? throw new InvalidDataException($"Metadata key '{Prefix}{flag}' is true, but '{Prefix}{key}' does not say which token to add.")
            : (asked ?? otherwise) && id is not null;
    }
}
