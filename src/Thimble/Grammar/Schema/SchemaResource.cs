namespace Thimble.Grammar;

/// <summary>A schema with an address of its own, and the names within it.</summary>
/// <param name="address">The address, without a fragment.</param>
internal sealed class SchemaResource(Uri address)
{
    /// <summary>Its address.</summary>
    public Uri Address { get; } = address;

    /// <summary>The schema.</summary>
    public SchemaPlace Root { get; set; } = null!;

    /// <summary>Its named places.</summary>
    public Dictionary<string, SchemaPlace> Anchors { get; } = new(StringComparer.Ordinal);

    /// <summary>Of these, the ones that a schema around may replace.</summary>
    public Dictionary<string, SchemaPlace> DynamicAnchors { get; } = new(StringComparer.Ordinal);
}
