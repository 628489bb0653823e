namespace Thimble;

/// <summary>An adapter as a generation uses it.</summary>
/// <param name="Adapter">The adapter, loaded for the generation's model.</param>
/// <param name="Scale">How strongly it changes the model: 1 as it was made, 0 not at all.</param>
public sealed record AppliedAdapter(Adapter Adapter, float Scale = 1)
{
    /// <summary>Of a control vector, the first and last layer behind which it is added, layers counted from 0; null for all it has.</summary>
    public (int First, int Last)? Layers { get; init; }
}
