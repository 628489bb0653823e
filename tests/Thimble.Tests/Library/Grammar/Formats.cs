using System.Text;
using Thimble.Grammar;
using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Sampling;

namespace Thimble.Tests.Library.Grammar;

/// <summary>Reads texts through formats, with and without a vocabulary.</summary>
internal static class Formats
{
    /// <summary>Whether a format takes a whole text.</summary>
    public static bool Takes(OutputFormat format, string text) => Takes(FormatSyntax.Compile(format), Encoding.UTF8.GetBytes(text));

    /// <summary>Whether a grammar takes a whole text.</summary>
    public static bool Takes(Syntax syntax, byte[] text)
    {
        Threads now = new(), next = new();
        now.Add(syntax.Start);
        foreach (byte value in text)
        {
            now.Step(value, next);
            (now, next) = (next, now);
            if (now.Count == 0)
                return false;
        }

        return now.CanEnd;
    }

    /// <summary>A small vocabulary of bytes, and of pieces that span the borders of JSON's parts.</summary>
    public static Tokenizer Open(string vocabulary)
    {
        using var file = ModelFile.Open(Golden.Path($"ggml-vocab/ggml-vocab-{vocabulary}.gguf"));
        return Tokenizer.From(file.Metadata);
    }

    /// <summary>A matcher of a format in a vocabulary.</summary>
    public static Matcher Begin(OutputFormat format, Tokenizer tokenizer) => new Grammars(tokenizer, tokenizer.VocabularySize).Of(format).Begin();

    /// <summary>Checks a mask against asking for every token by itself.</summary>
    public static void CheckMask(Matcher matcher, Tokenizer tokenizer)
    {
        TokenMask mask = matcher.Mask();
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            bool accepted = matcher.Acceptable([id]) == 1;
            Assert.True(accepted == mask[id], $"Token {id} '{tokenizer.Decode([id], special: true)}' is {(accepted ? "left out of" : "wrongly in")} the mask.");
        }
    }

    /// <summary>Writes a text at random.</summary>
    /// <param name="matcher">What it must keep to.</param>
    /// <param name="tokenizer">The vocabulary.</param>
    /// <param name="random">Chooses.</param>
    /// <param name="patience">Tokens after which the shortest way out is looked for.</param>
    /// <returns>The text; null where it did not end.</returns>
    public static string? Write(Matcher matcher, Tokenizer tokenizer, Random random, int patience)
    {
        var bytes = new List<byte>();
        int[] ids = new int[tokenizer.VocabularySize], closings = Closings(tokenizer);
        for (int i = 0; i < patience + 150 && !matcher.IsFinished; i++)
        {
            if (i > patience && matcher.IsComplete)
                break;
            TokenMask mask = matcher.Mask();
            int token = i < patience || random.Next(5) == 0 ? -1 : Array.Find(closings, id => mask[id]);
            if (token <= 0)
                token = ids[random.Next(mask.CopyTo(ids))];
            Assert.True(matcher.Accept(token));
            if (tokenizer.IsEndOfGeneration(token))
                break;
            bytes.AddRange(tokenizer.Piece(token));
        }

        return matcher.IsComplete ? Encoding.UTF8.GetString([.. bytes]) : null;
    }

    /// <summary>The tokens that end what is open, the best first.</summary>
    private static int[] Closings(Tokenizer tokenizer)
    {
        byte[][] texts = [.. ((string[])["}", "]", "\"", ":", "0", "null"]).Select(Encoding.UTF8.GetBytes)];
        return
        [
            .. texts.SelectMany(text => Enumerable.Range(0, tokenizer.VocabularySize).Where(id => tokenizer.Piece(id).SequenceEqual(text))),
        ];
    }
}
