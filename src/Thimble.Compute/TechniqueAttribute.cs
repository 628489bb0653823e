namespace Thimble.Compute;

/// <summary>Marks the one home of a technique that has a name of its own: deleting its file deletes the technique.</summary>
/// <param name="name">The name its authors gave it; the type carries it, with <c>+</c> read as Plus.</param>
/// <param name="source">Author, title, year, and the section or equation.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
internal sealed class TechniqueAttribute(string name, string source) : Attribute
{
    /// <summary>The name its authors gave it.</summary>
    public string Name { get; } = name;

    /// <summary>Author, title, year, and the section or equation.</summary>
    public string Source { get; } = source;
}
