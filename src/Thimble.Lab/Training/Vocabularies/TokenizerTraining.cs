using System.Text;
using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Lab.Training;

/// <summary>Learns a byte-level BPE tokenizer from texts. The same texts always give the same bytes.</summary>
public static class TokenizerTraining
{
    /// <summary>Learns it and writes it.</summary>
    /// <param name="recipe">What from, and how large.</param>
    /// <param name="cancellationToken">Ends it; nothing is written.</param>
    /// <returns>What it became.</returns>
    /// <exception cref="FileNotFoundException">A text is not there.</exception>
    /// <exception cref="InvalidDataException">The recipe contradicts itself, or its texts hold nothing.</exception>
    /// <exception cref="ArgumentException">A text's kind is unknown.</exception>
    /// <remarks>Cost: one pass over the texts, of which only the different words are kept, then merges that each cost what they change.</remarks>
    public static TokenizerResult Run(TokenizerRecipe recipe, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        recipe.Check("");
        var reader = new TextPieces([.. recipe.Special]);
        var words = new WordCounts(PreTokenizers.Open(recipe.Split).Splitters);
        foreach (TrainingText text in recipe.Texts)
        {
            foreach (string piece in reader.Read(text))
            {
                cancellationToken.ThrowIfCancellationRequested();
                byte[] bytes = Encoding.UTF8.GetBytes(piece);
                for (int i = 0; i < text.Repeat; i++)
                    words.Add(bytes);
            }
        }

        if (words.Count == 0)
            throw new InvalidDataException($"The recipe's texts hold nothing to learn from ({reader.Broken.Count} broken lines).");
        var vocabulary = BytePairVocabulary.Learn(words, [.. recipe.Special], recipe.Vocabulary, recipe.Least);
        cancellationToken.ThrowIfCancellationRequested();
        if (recipe.Output.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(recipe.Output))!);
            GgufWriter.Write(recipe.Output, vocabulary.Describe(recipe), [], cancellation: cancellationToken);
        }
        else
        {
            TokenizerFolder.Write(recipe.Output, vocabulary, recipe);
        }

        return new TokenizerResult(vocabulary.Count, vocabulary.Merges.Count, words.Count, words.Bytes, vocabulary.Symbols, reader.Broken);
    }
}

/// <summary>What the training of a tokenizer came to.</summary>
/// <param name="Tokens">Its tokens; fewer than asked for where the texts hold too few pairs.</param>
/// <param name="Merges">Its merges.</param>
/// <param name="Words">Different words of the texts.</param>
/// <param name="Bytes">Bytes of the texts.</param>
/// <param name="Symbols">Tokens of the texts as the tokenizer writes them.</param>
/// <param name="Broken">Lines that could not be read and were left out, each with file, number and why.</param>
public sealed record TokenizerResult(int Tokens, int Merges, int Words, long Bytes, long Symbols, IReadOnlyList<string> Broken);
