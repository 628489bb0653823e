using System.Collections.Immutable;

namespace Thimble.Grammar;

/// <summary>Which places stand for dynamic names, decided by the outermost schema that was passed through.</summary>
internal sealed class SchemaScope
{
    private readonly ImmutableSortedDictionary<string, SchemaPlace> _names;

    private SchemaScope(ImmutableSortedDictionary<string, SchemaPlace> names) => _names = names;

    /// <summary>No schema was passed through.</summary>
    public static SchemaScope Outside { get; } = new(ImmutableSortedDictionary<string, SchemaPlace>.Empty.WithComparers(StringComparer.Ordinal));

    /// <summary>What makes two scopes one.</summary>
    public string Key => field ??= string.Join('\u0001', _names.Select(name => $"{name.Key}\u0002{name.Value.Pointer}"));

    /// <summary>The place of a name; null where no schema passed through has it.</summary>
    public SchemaPlace? this[string name] => _names.GetValueOrDefault(name);

    /// <summary>The scope within a resource.</summary>
    public SchemaScope Enter(SchemaResource resource)
    {
        ImmutableSortedDictionary<string, SchemaPlace> names = _names;
        foreach ((string name, SchemaPlace place) in resource.DynamicAnchors)
        {
            if (!names.ContainsKey(name))
                names = names.Add(name, place);
        }

        return ReferenceEquals(names, _names) ? this : new(names);
    }
}
