using System.Text.Json;

namespace Thimble.Grammar;

/// <summary>A schema within a document.</summary>
/// <param name="Element">What it says.</param>
/// <param name="Pointer">Where it stands, as a JSON pointer from the document's root.</param>
/// <param name="Resource">The resource it belongs to.</param>
internal sealed record SchemaPlace(JsonElement Element, string Pointer, SchemaResource Resource)
{
    /// <inheritdoc />
    public bool Equals(SchemaPlace? other) => ReferenceEquals(this, other);

    /// <inheritdoc />
    public override int GetHashCode() => Pointer.GetHashCode(StringComparison.Ordinal);

    /// <summary>What a keyword says; null where it is not there.</summary>
    public JsonElement? this[string keyword] =>
        Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(keyword, out JsonElement value) ? value : null;
}
