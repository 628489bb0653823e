namespace Thimble.Grammar;

/// <summary>A demand on the names of keys.</summary>
internal sealed class KeyNames(Formula names)
{
    private readonly Formula _names = names;

    /// <summary>The keys that do not meet it.</summary>
    public KeySet Outside(SchemaReader reader)
    {
        using (reader.Apart())
        {
            StringSet outside = new ScalarDemands(reader, reader.Spelling, reader.Numbers).Strings(_names, not: true);
            Term language = outside.AsTerm(reader.Spelling);
            return language == reader.Spelling.Terms.Nothing ? KeySet.Of([]) : outside == StringSet.All ? KeySet.All : KeySet.Of([], language);
        }
    }
}
