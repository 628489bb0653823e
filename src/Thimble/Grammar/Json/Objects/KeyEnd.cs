namespace Thimble.Grammar;

/// <summary>The end of an object's key, behind its closing quote.</summary>
internal sealed class KeyEnd : State
{
    /// <summary>The end of a key.</summary>
    public KeyEnd(int label, bool isChecked)
        : base(ByteClasses.None)
    {
        (Label, IsChecked, IsFinal, Accepts) = (label, isChecked, true, true);
    }

    /// <summary>Which key: a name's number, or behind all of them, the patterns that another key matches.</summary>
    public int Label { get; }

    private protected override State Compute(byte value) => Dead;
}
