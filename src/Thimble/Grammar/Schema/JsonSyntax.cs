namespace Thimble.Grammar;

/// <summary>From JSON schemas to grammars.</summary>
internal static class JsonSyntax
{
    /// <summary>Compiles a schema.</summary>
    public static Syntax Compile(string schema) => throw new NotSupportedException(schema);
}
