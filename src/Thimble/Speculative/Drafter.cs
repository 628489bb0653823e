using Thimble.Compute.Memory;
using Thimble.Sampling;

namespace Thimble.Speculative;

/// <summary>Guesses how one text goes on. A wrong guess costs time and nothing else.</summary>
internal abstract class Drafter : IDisposable
{
    /// <summary>Its name, for statistics.</summary>
    public abstract string Name { get; }

    /// <summary>Whether a guess costs next to nothing, so that it may always be asked.</summary>
    public virtual bool IsFree => false;

    /// <summary>Whether its guesses are random draws that a rule weighs, so that they must not be cut short by what they are.</summary>
    public virtual bool IsStochastic => false;

    /// <summary>Guesses.</summary>
    /// <param name="point">Where the text stands.</param>
    /// <param name="draft">Receives the guess; it may stay empty.</param>
    public abstract void Propose(in DraftPoint point, Draft draft);

    /// <summary>Chooses the text's next token, where a rule of its own is exact in distribution too; by default the sampler draws it.</summary>
    /// <param name="sampler">What chooses the tokens.</param>
    /// <param name="logits">The target's, shape [vocabulary].</param>
    /// <param name="mask">Tokens that may come; null for all.</param>
    public virtual int Choose(Sampler sampler, ReadOnlySpan<float> logits, TokenMask? mask) => sampler.Next(logits, mask);

    /// <summary>Learns what came of a step, whether it had a guess or not.</summary>
    public virtual void Learn(in Verdict verdict)
    {
    }

    /// <summary>Gives its memory back.</summary>
    public abstract void Dispose();
}

/// <summary>Where a text stands when its continuation is to be guessed.</summary>
/// <param name="text">All its tokens, shape [tokens], at least one.</param>
/// <param name="sampler">What will choose the tokens; a drafter may let it choose, and brings it back to where it was.</param>
internal readonly ref struct DraftPoint(ReadOnlySpan<int> text, Sampler sampler)
{
    /// <summary>All its tokens, shape [tokens].</summary>
    public ReadOnlySpan<int> Text { get; } = text;

    /// <summary>What will choose the tokens.</summary>
    public Sampler Sampler { get; } = sampler;
}

/// <summary>What came of a draft.</summary>
/// <param name="draft">The draft.</param>
/// <param name="path">The places of the tokens that were right, in order.</param>
/// <param name="logits">What the target computed after the text and after every token of the draft, shape [1 + tokens, vocabulary].</param>
/// <param name="vectors">What it made its logits of, shape [1 + tokens, features].</param>
internal readonly ref struct Verdict(Draft draft, ReadOnlySpan<int> path, Matrix logits, Matrix vectors)
{
    /// <summary>The draft.</summary>
    public Draft Draft { get; } = draft;

    /// <summary>The places of the tokens that were right, in order.</summary>
    public ReadOnlySpan<int> Path { get; } = path;

    /// <summary>The row that the text's latest token was chosen from.</summary>
    public int Last => Path.IsEmpty ? 0 : 1 + Path[^1];

    /// <summary>The target's logits after the text and after every token, shape [1 + tokens, vocabulary].</summary>
    public Matrix Logits { get; } = logits;

    /// <summary>What those were made of, shape [1 + tokens, features].</summary>
    public Matrix Vectors { get; } = vectors;
}
