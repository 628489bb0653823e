using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.OmniDraft;

/// <summary>A byte-level vocabulary of 4096 and a SentencePiece one of 512.</summary>
public class TranslatorTests
{
    private readonly Tokenizer _target = Of("ple-tinystories-int4/ple-d32-s0.bin"), _draft = Of("stories260K/stories260K.bin");

    [Fact]
    public void Equal_bytes_are_one_token_in_both()
    {
        var translator = new Translator(_target, _draft);
        Assert.InRange(translator.Direct, 200, 512);
        int the = _target.Encode(" the", addSpecial: false).Single();
        Assert.Equal(" the"u8.ToArray(), _draft.Piece(translator.ToDraft(the)).ToArray());
        Assert.Equal(the, translator.ToTarget(translator.ToDraft(the)));
    }

    [Fact]
    public void A_token_is_spelt_byte_for_byte()
    {
        var translator = new Translator(_target, _draft);
        for (int id = 0; id < _target.VocabularySize; id++)
        {
            List<int> spelt = [];
            if (_target.Kind(id) == TokenKind.Normal && translator.Spell(id, spelt))
                Assert.Equal(_target.Piece(id).ToArray(), spelt.SelectMany(part => _draft.Piece(part).ToArray()));
        }
    }

    [Fact]
    public void A_token_that_ends_the_text_ends_it_in_both()
    {
        var translator = new Translator(_target, _draft);
        Assert.Equal(_draft.EndOfText, _target.EndOfText is { } end ? translator.ToDraft(end) : _draft.EndOfText);
    }

    [Fact]
    public void A_token_of_the_target_begins_with_one_of_the_drafters()
    {
        var translator = new Translator(_target, _draft);
        List<int> spelt = [];
        for (int id = 300; id < _target.VocabularySize; id += 7)
        {
            spelt.Clear();
            if (translator.Spell(id, spelt))
                Assert.Equal(spelt[0], translator.First(id));
        }
    }

    [Fact]
    public void Vocabularies_without_a_piece_in_common_are_refused()
    {
        NotSupportedException refusal = Assert.Throws<NotSupportedException>(() => new Translator(Words("да", "нет"), Words("yes", "no", "maybe")));
        Assert.Contains("vocabulary of 4 tokens has no piece of text in common with the model's 3", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("choose a drafter", refusal.Message, StringComparison.Ordinal);
    }

    private static Tokenizer Words(params string[] words)
    {
        var metadata = new Metadata();
        metadata.Add("tokenizer.ggml.model", "t5");
        metadata.Add("tokenizer.ggml.tokens", MetadataArray.Of((byte[][])["<unk>"u8.ToArray(), .. words.Select(System.Text.Encoding.UTF8.GetBytes)]));
        metadata.Add("tokenizer.ggml.scores", MetadataArray.Of(new double[words.Length + 1]));
        metadata.Add("tokenizer.ggml.token_type", MetadataArray.Of((long[])[2, .. words.Select(_ => 1L)]));
        return Tokenizer.From(metadata);
    }

    private static Tokenizer Of(string name)
    {
        using var file = ModelFile.Open(Golden.Path(name));
        return Tokenizer.From(file.Metadata);
    }
}
