using System.Globalization;
using System.Runtime.CompilerServices;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>The tokenizer of a file that has none: its models speak in numbers.</summary>
internal sealed class EmptyTokenizer : Tokenizer
{
    private EmptyTokenizer(Metadata metadata, Vocabulary vocabulary)
        : base(metadata, vocabulary, new(metadata, vocabulary, new()), TokenPieces.Of(vocabulary, static (_, _) => 0))
    {
    }

    [ModuleInitializer]
    internal static void Register()
    {
        Tokenizers.Add("no_vocab", Open);
        Tokenizers.Add("none", Open);
    }

    private protected override void EncodeText(ReadOnlySpan<byte> text, bool afterSpecial, List<int> ids) =>
        throw new NotSupportedException("The model file has no tokenizer ('tokenizer.ggml.model' is 'no_vocab'), so it cannot read text; give it token ids.");

    private static EmptyTokenizer Open(Metadata metadata)
    {
        string key = $"{metadata.FindText("general.architecture")}.vocab_size";
        long size = metadata.FindInteger(key) ?? 1;
        if (size is < 1 or > 1 << 24)
            throw new InvalidDataException($"Metadata key '{key}' is {size}; expected 1 to {1 << 24}.");

        var tokens = new Metadata();
        tokens.Add(Vocabulary.TokensKey, MetadataArray.Of([.. Enumerable.Range(0, (int)size).Select(id => id.ToString(CultureInfo.InvariantCulture))]));
        return new(metadata, Vocabulary.Read(tokens));
    }
}
