using System.Text;
using System.Text.Json;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>The tokens, merges and scores of a <c>tokenizer.json</c>.</summary>
internal sealed class JsonVocabulary
{
    private const float Unmerged = -1e9f;   // below any merge's score
    private readonly string _file;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private byte[][] _texts = [];
    private TokenKind[] _kinds = [];
    private byte[][]? _merges;
    private float[]? _scores;

    private JsonVocabulary(string file, string kind) => (_file, Kind) = (file, kind);

    /// <summary>The name GGUF has for this kind: <c>gpt2</c>, <c>llama</c>, <c>t5</c> or <c>bert</c>.</summary>
    public string Kind { get; }

    /// <summary>Reads the vocabulary.</summary>
    public static JsonVocabulary Read(string file, JsonElement root)
    {
        JsonElement model = root.Find("model") ?? throw new InvalidDataException($"'{file}' has no 'model'.");
        string? type = model.Text("type") ?? (model.Find("merges") is { } ? "BPE" : null);
        var vocabulary = new JsonVocabulary(file, type switch
        {
            "BPE" => IsByteLevel(root) ? "gpt2" : "llama",
            "Unigram" => "t5",
            "WordPiece" => "bert",
            null => throw new InvalidDataException($"'{file}' has neither a 'model.type' nor 'model.merges' to tell its kind by."),
            _ => throw new NotSupportedException($"'{file}' has a tokenizer of type '{type}'; known: BPE, Unigram, WordPiece."),
        });
        vocabulary.ReadTokens(root, model);
        vocabulary.ReadMerges(model);
        return vocabulary;
    }

    public int? Find(string? text) => text is not null && _ids.TryGetValue(text, out int id) ? id : null;

    public void AddTo(Metadata metadata)
    {
        metadata.Set("tokenizer.ggml.model", Kind);
        metadata.Set(Vocabulary.TokensKey, MetadataArray.Of(_texts));
        metadata.Set("tokenizer.ggml.token_type", MetadataArray.Of(Array.ConvertAll(_kinds, kind => (long)kind)));
        if (_merges is not null)
            metadata.Set(MergeRanks.Key, MetadataArray.Of(_merges));
        if (_scores is not null)
            metadata.Set("tokenizer.ggml.scores", MetadataArray.Of(Array.ConvertAll(_scores, score => (double)score)));
    }

    private static bool IsByteLevel(JsonElement root) =>
        root.Find("pre_tokenizer").Sequence("pretokenizers").Concat(root.Find("decoder").Sequence("decoders")).Any(step => step.Text("type") == "ByteLevel");

    private void ReadTokens(JsonElement root, JsonElement model)
    {
        JsonElement vocab = model.Find("vocab") ?? throw new InvalidDataException($"'{_file}' has no 'model.vocab'.");
        var added = root.Find("added_tokens")?.EnumerateArray().ToList() ?? [];
        int count = 1 + added.Select(token => token.GetProperty("id").GetInt32()).DefaultIfEmpty(-1).Max();
        count = vocab.ValueKind == JsonValueKind.Array
            ? Math.Max(count, vocab.GetArrayLength())
            : Math.Max(count, 1 + vocab.EnumerateObject().Select(token => token.Value.GetInt32()).DefaultIfEmpty(-1).Max());
        if (count > 1 << 24)
            throw new InvalidDataException($"'{_file}' has a token {count - 1}; expected ids below {1 << 24}.");

        (_texts, _kinds) = (new byte[count][], new TokenKind[count]);
        if (vocab.ValueKind == JsonValueKind.Array)
            ReadScored(vocab, model);
        else
            ReadNumbered(vocab);
        foreach (JsonElement token in added)
        {
            string text = token.GetProperty("content").GetString()!;
            Put(token.GetProperty("id").GetInt32(), text, text, token.Flag("special") ? TokenKind.Control : TokenKind.UserDefined, replace: true);
        }

        if (Find(model.Text("unk_token")) is { } unknown)
            _kinds[unknown] = TokenKind.Unknown;
        for (int id = 0; id < count; id++)
        {
            if (_texts[id] is null)
                Put(id, $"[PAD{id}]", $"[PAD{id}]", TokenKind.Unused);
        }
    }

    private void ReadScored(JsonElement vocab, JsonElement model)
    {
        _scores = new float[_texts.Length];
        int id = 0;
        foreach (JsonElement token in vocab.EnumerateArray())
        {
            _scores[id] = token[1].GetSingle();
            Put(id, token[0].GetString()!, token[0].GetString()!, KindOf(token[0].GetString()!));
            id++;
        }

        if (model.Find("unk_id") is { } unknown && unknown.TryGetInt32(out int unknownId) && (uint)unknownId < (uint)_kinds.Length)
            _kinds[unknownId] = TokenKind.Unknown;
    }

    private void ReadNumbered(JsonElement vocab)
    {
        foreach (JsonProperty token in vocab.EnumerateObject())
        {
            string text = token.Name;
            string written = Kind != "bert" || (text.StartsWith('[') && text.EndsWith(']'))
                ? text
                : text.StartsWith("##", StringComparison.Ordinal) ? text[2..] : "▁" + text;
            Put(token.Value.GetInt32(), text, written, KindOf(text));
        }
    }

    private TokenKind KindOf(string text) =>
        Kind is "llama" or "t5" && TokenPieces.TryByte(Encoding.UTF8.GetBytes(text), out _) ? TokenKind.Byte : TokenKind.Normal;

    private void Put(int id, string text, string written, TokenKind kind, bool replace = false)
    {
        if ((uint)id >= (uint)_texts.Length)
            throw new InvalidDataException($"'{_file}' gives '{text}' the id {id}; expected ids from 0.");
        if (_texts[id] is not null && !replace)
            throw new InvalidDataException($"'{_file}' gives the id {id} to '{Encoding.UTF8.GetString(_texts[id])}' and to '{text}'.");

        _ids[text] = id;
        (_texts[id], _kinds[id]) = (Encoding.UTF8.GetBytes(written), kind);
    }

    private void ReadMerges(JsonElement model)
    {
        if (model.Find("merges") is not { ValueKind: JsonValueKind.Array } merges)
            return;

        byte[][] list = new byte[merges.GetArrayLength()][];
        int rank = 0;
        foreach (JsonElement merge in merges.EnumerateArray())
            list[rank++] = merge.ValueKind == JsonValueKind.Array ? [.. merge[0].Utf8(), (byte)' ', .. merge[1].Utf8()] : merge.Utf8();
        if (Kind == "gpt2")
        {
            _merges = list;
            return;
        }

        // SentencePiece merges by the score of what a merge makes; the merges were listed in the order of those scores.
        _scores = new float[_texts.Length];
        Array.Fill(_scores, Unmerged);
        for (rank = list.Length - 1; rank >= 0; rank--)
        {
            if (Find(Encoding.UTF8.GetString(list[rank]).Replace(" ", "", StringComparison.Ordinal)) is { } id)
                _scores[id] = -rank;
        }
    }
}
