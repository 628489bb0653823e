namespace Thimble.Grammar;

/// <summary>How a format is written.</summary>
internal enum FormatKind
{
    /// <summary>As a JSON schema.</summary>
    JsonSchema,

    /// <summary>As a regular expression.</summary>
    Regex,

    /// <summary>As a list of texts.</summary>
    Choice,

    /// <summary>As a grammar.</summary>
    Grammar,

    /// <summary>As calls of tools.</summary>
    Calls,
}
