namespace Thimble.Grammar;

/// <summary>The types of JSON values.</summary>
[Flags]
internal enum JsonTypes
{
    /// <summary>No type.</summary>
    None = 0,

    /// <summary>Null.</summary>
    Null = 1,

    /// <summary>True or false.</summary>
    Boolean = 2,

    /// <summary>A whole number.</summary>
    Integer = 4,

    /// <summary>Any number.</summary>
    Number = 8,

    /// <summary>A text.</summary>
    String = 16,

    /// <summary>A list.</summary>
    Array = 32,

    /// <summary>An object.</summary>
    Object = 64,
}
