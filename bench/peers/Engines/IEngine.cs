namespace Thimble.Peers.Engines;

/// <summary>What is compared: one model, one long sequence, and several short ones beside it.</summary>
internal interface IEngine : IDisposable
{
    /// <summary>Its name in tables.</summary>
    string Name { get; }

    /// <summary>Tokens it scores.</summary>
    int Vocabulary { get; }

    /// <summary>Threads that compute.</summary>
    int Threads { set; }

    /// <summary>Forgets the tokens of every sequence from a length on.</summary>
    void Cut(int length);

    /// <summary>Reads tokens of the long sequence in one step; the scores of the last, or of all, are computed.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="all">Whether all are scored.</param>
    void Read(ReadOnlySpan<int> tokens, bool all = false);

    /// <summary>Reads one token of each of some sequences in one step, and scores all; one token goes to the long sequence.</summary>
    void Step(ReadOnlySpan<int> tokens);

    /// <summary>The scores of a token of the last <see cref="Read"/> that wanted all.</summary>
    ReadOnlySpan<float> Logits(int token);
}

/// <summary>How long the sequences of an engine may get.</summary>
/// <param name="Long">Tokens of the long sequence.</param>
/// <param name="Sequences">Short sequences; 0 for none.</param>
/// <param name="Short">Tokens of each.</param>
/// <param name="Chunk">The most tokens of a step.</param>
internal sealed record Lengths(int Long, int Sequences, int Short, int Chunk);
