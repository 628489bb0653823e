namespace Thimble.Compute.Formats;

/// <summary>A stored number format: a struct whose bytes are the file's bytes, and what they mean.</summary>
/// <typeparam name="TSelf">The block.</typeparam>
internal interface IBlock<TSelf>
    where TSelf : unmanaged, IBlock<TSelf>
{
    /// <summary>The name ggml prints.</summary>
    static abstract string Name { get; }

    /// <summary>Weights in one block.</summary>
    static abstract int Length { get; }

    /// <summary>The largest magnitude that <see cref="Encode"/> takes; by default that of a half, the scale of most blocks.</summary>
    static virtual float Largest => 65504;

    /// <summary>The values of one block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="values">Receives the values, shape [<see cref="Length"/>].</param>
    static abstract void Decode(ref readonly TSelf block, Span<float> values);

    /// <summary>The values of blocks in a row.</summary>
    /// <param name="blocks">The blocks, shape [n].</param>
    /// <param name="values">Receives the values, shape [n · <see cref="Length"/>].</param>
    static virtual void Decode(ReadOnlySpan<TSelf> blocks, Span<float> values)
    {
        for (int i = 0; i < blocks.Length; i++)
            TSelf.Decode(in blocks[i], values.Slice(i * TSelf.Length, TSelf.Length));
    }

    /// <summary>The block nearest to given values.</summary>
    /// <param name="values">Values of magnitude up to <see cref="Largest"/>, shape [<see cref="Length"/>].</param>
    /// <param name="importance">How much an error at each value matters, finite and not negative, shape [<see cref="Length"/>], or empty where all matter alike.</param>
    /// <param name="block">Receives the block.</param>
    static abstract void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out TSelf block);
}
