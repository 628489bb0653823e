namespace Thimble.Grammar;

/// <summary>The end of the text.</summary>
internal sealed class EndFrame : Frame
{
    private EndFrame()
        : base(null)
    {
    }

    /// <summary>The one there is.</summary>
    public static EndFrame Last { get; } = new();

    /// <inheritdoc />
    public override bool CanEnd => true;

    /// <inheritdoc />
    public override void Step(byte value, Threads next)
    {
        // Nothing follows.
    }

    private protected override bool IsAlike(Frame other) => other is EndFrame;
}
