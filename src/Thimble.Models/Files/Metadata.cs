using System.Diagnostics.CodeAnalysis;

namespace Thimble.Models.Files;

/// <summary>What a model file says about itself: values by key, as GGUF names them.</summary>
/// <remarks>A value is a <see cref="bool"/>, <see cref="long"/> (every whole type), <see cref="ulong"/> (only above
/// <see cref="long.MaxValue"/>), <see cref="double"/>, <see cref="string"/>, or a <see cref="MetadataArray"/>.</remarks>
public sealed class Metadata
{
    private readonly OrderedDictionary<string, object> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (GgufKind Kind, byte[]? Raw)> _stored = new(StringComparer.Ordinal);

    /// <summary>Where it came from, for messages.</summary>
    internal string? Source { get; init; }

    /// <summary>The keys, in file order.</summary>
    public IReadOnlyCollection<string> Keys => _values.Keys;

    /// <summary>The value of a key.</summary>
    /// <param name="key">The whole key, such as <c>general.name</c>.</param>
    /// <param name="value">Receives the value.</param>
    /// <returns>Whether the key is there.</returns>
    public bool TryGet(string key, [NotNullWhen(true)] out object? value) => _values.TryGetValue(key, out value);

    /// <summary>Adds a value.</summary>
    /// <exception cref="InvalidDataException">The key stands there already.</exception>
    internal void Add(string key, object value)
    {
        if (!_values.TryAdd(key, value))
            throw new InvalidDataException($"Metadata key '{key}' stands twice.");
    }

    /// <summary>Adds a value and how the file stores it, so that it can be written as it was read.</summary>
    /// <param name="key">The whole key.</param>
    /// <param name="value">The value.</param>
    /// <param name="kind">Its type in the file.</param>
    /// <param name="raw">The bytes of a text that is no valid UTF-8.</param>
    /// <exception cref="InvalidDataException">The key stands there already.</exception>
    internal void Add(string key, object value, GgufKind kind, byte[]? raw = null)
    {
        Add(key, value);
        _stored.Add(key, (kind, raw));
    }

    /// <summary>Adds a value or replaces the one there.</summary>
    internal void Set(string key, object value)
    {
        _values[key] = value;
        _stored.Remove(key);
    }

    /// <summary>Removes a value, if it is there.</summary>
    internal void Remove(string key)
    {
        _values.Remove(key);
        _stored.Remove(key);
    }

    /// <summary>The type a value has, or should have, in a GGUF file, and the bytes of a text that is no valid UTF-8.</summary>
    internal (GgufKind Kind, byte[]? Raw) Stored(string key) => _stored.TryGetValue(key, out (GgufKind, byte[]?) stored)
        ? stored
        : (_values[key] switch
        {
            bool => GgufKind.Bool,
            long and >= 0 and <= uint.MaxValue => GgufKind.UInt32,
            long and >= int.MinValue and < 0 => GgufKind.Int32,
            long => GgufKind.Int64,
            ulong => GgufKind.UInt64,
            double => GgufKind.Float32,   // what llama.cpp insists on for every number it reads
            string => GgufKind.String,
            MetadataArray => GgufKind.Array,
            var other => throw new InvalidDataException($"Metadata key '{key}' holds a {other.GetType().Name}, which no file stores."),
        }, null);

    internal string? FindText(string key) => Find<string>(key, "text");

    internal bool? FindFlag(string key) => _values.TryGetValue(key, out object? value) ? value as bool? ?? throw Mistyped(key, value, "a flag") : null;

    internal long? FindInteger(string key) => _values.TryGetValue(key, out object? value) ? value as long? ?? throw Mistyped(key, value, "a whole number") : null;

    internal double? FindNumber(string key) => !_values.TryGetValue(key, out object? value)
        ? null
        : value switch
        {
            double number => number,
            long whole => whole,
            _ => throw Mistyped(key, value, "a number"),
        };

    internal MetadataArray? FindArray(string key) => Find<MetadataArray>(key, "an array");

    private T? Find<T>(string key, string expected)
        where T : class =>
        _values.TryGetValue(key, out object? value) ? value as T ?? throw Mistyped(key, value, expected) : null;

    private InvalidDataException Mistyped(string key, object value, string expected) =>
        new($"Metadata key '{key}'{(Source is null ? "" : $" of '{Source}'")} is {value} ({value.GetType().Name}); expected {expected}.");
}
