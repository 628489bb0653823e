using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>Reads a <c>tokenizer.model</c> of SentencePiece as the metadata GGUF would hold.</summary>
/// <remarks>Source: <c>sentencepiece_model.proto</c>; the wire format is Protocol Buffers'.</remarks>
internal static class SentencePieceModel
{
    private const string Prefix = "tokenizer.ggml.";

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no SentencePiece model.</exception>
    /// <exception cref="NotSupportedException">It splits words or characters, which GGUF has no name for.</exception>
    public static Metadata Read(string path)
    {
        var metadata = new Metadata();
        AddTo(metadata, path, File.ReadAllBytes(path));
        return metadata;
    }

    /// <summary>Adds what <see cref="Read"/> reads to the metadata of a model.</summary>
    public static void AddTo(Metadata metadata, string path, ReadOnlySpan<byte> file)
    {
        (var texts, var scores, var kinds) = (new List<byte[]>(), new List<double>(), new List<double>());
        ReadOnlySpan<byte> trainer = [], normalizer = [];
        var message = new ProtobufFields(file, path);
        while (message.Next())
        {
            if (message.Field == 1)
                AddPiece(message.Bytes, path, texts, scores, kinds);
            else if (message.Field == 2)
                trainer = message.Bytes;
            else if (message.Field == 3)
                normalizer = message.Bytes;
        }

        if (texts.Count == 0)
            throw new InvalidDataException($"'{path}' is no SentencePiece model: it has no pieces.");

        metadata.Set(Vocabulary.TokensKey, MetadataArray.Of([.. texts]));
        metadata.Set(Prefix + "scores", MetadataArray.Of([.. scores]));
        metadata.Set(Prefix + "token_type", MetadataArray.Of([.. kinds.Select(kind => (long)kind)]));
        AddTrainer(metadata, path, trainer, texts.Count);
        AddNormalizer(metadata, path, normalizer);
    }

    private static void AddPiece(ReadOnlySpan<byte> piece, string path, List<byte[]> texts, List<double> scores, List<double> kinds)
    {
        (byte[] text, float score, ulong kind) = ([], 0f, 1ul);
        var fields = new ProtobufFields(piece, path);
        while (fields.Next())
        {
            if (fields.Field == 1)
                text = fields.Bytes.ToArray();
            else if (fields.Field == 2)
                score = fields.Float;
            else if (fields.Field == 3)
                kind = fields.Number;   // numbered as token_type is
        }

        texts.Add(text);
        scores.Add(score);
        kinds.Add(kind);
    }

    private static void AddTrainer(Metadata metadata, string path, ReadOnlySpan<byte> trainer, int count)
    {
        (ulong kind, int unknown, int begin, int end, int padding) = (1ul, 0, 1, 2, -1);
        var fields = new ProtobufFields(trainer, path);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 3: kind = fields.Number; break;
                case 40: unknown = (int)(long)fields.Number; break;
                case 41: begin = (int)(long)fields.Number; break;
                case 42: end = (int)(long)fields.Number; break;
                case 43: padding = (int)(long)fields.Number; break;
            }
        }

        metadata.Set(Prefix + "model", kind switch
        {
            1 => "t5",
            2 => "llama",
            _ => throw new NotSupportedException($"'{path}' is a SentencePiece model of type {kind}; known: 1 (unigram), 2 (byte-pair)."),
        });
        foreach ((string key, int id) in ((string, int)[])[("unknown", unknown), ("bos", begin), ("eos", end), ("padding", padding)])
        {
            if (id >= 0 && id < count)
                metadata.Set($"{Prefix}{key}_token_id", (long)id);
        }
    }

    private static void AddNormalizer(Metadata metadata, string path, ReadOnlySpan<byte> normalizer)
    {
        (bool prefix, bool merges) = (true, true);
        var fields = new ProtobufFields(normalizer, path);
        while (fields.Next())
        {
            if (fields.Field == 2 && !fields.Bytes.IsEmpty)
                metadata.Set(CharacterMap.Key, MetadataArray.Of(Array.ConvertAll(fields.Bytes.ToArray(), value => (long)value), GgufKind.UInt8));
            else if (fields.Field == 3)
                prefix = fields.Number != 0;
            else if (fields.Field == 4)
                merges = fields.Number != 0;
        }

        metadata.Set(Prefix + "add_space_prefix", prefix);
        metadata.Set(Prefix + "remove_extra_whitespaces", merges);
    }
}
