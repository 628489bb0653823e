namespace Thimble.Compute.Formats;

/// <summary>A block whose groups' scales are whole multiples, at most 127 in magnitude, of one scale, and their offsets of one floor.</summary>
/// <typeparam name="TSelf">The block.</typeparam>
internal interface ISuperBlock<TSelf> : IQuantized<TSelf>
    where TSelf : unmanaged, ISuperBlock<TSelf>
{
    /// <summary>The block's scale and floor; the floor is zero where there are no offsets.</summary>
    static abstract (Half Scale, Half Floor) Tops(ref readonly TSelf block);
}
