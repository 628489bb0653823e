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

    private static Tokenizer Of(string name)
    {
        using var file = ModelFile.Open(Golden.Path(name));
        return Tokenizer.From(file.Metadata);
    }
}
