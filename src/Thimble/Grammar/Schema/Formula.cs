using System.Text.Json;

namespace Thimble.Grammar;

/// <summary>A demand on a JSON value.</summary>
internal abstract class Formula
{
    private static int s_made;

    /// <summary>Its number; no two have the same.</summary>
    public int Id { get; } = Interlocked.Increment(ref s_made);

    /// <summary>Every value meets it.</summary>
    public static Formula Always { get; } = new All([]);

    /// <summary>No value meets it.</summary>
    public static Formula Never { get; } = new Any([]);

    /// <summary>All of several.</summary>
    public sealed class All(IReadOnlyList<Formula> parts) : Formula
    {
        public IReadOnlyList<Formula> Parts { get; } = parts;
    }

    /// <summary>Any of several.</summary>
    public sealed class Any(IReadOnlyList<Formula> parts) : Formula
    {
        public IReadOnlyList<Formula> Parts { get; } = parts;
    }

    /// <summary>Exactly one of several.</summary>
    public sealed class One(IReadOnlyList<Formula> parts, string pointer) : Formula
    {
        public IReadOnlyList<Formula> Parts { get; } = parts;

        public string Pointer { get; } = pointer;
    }

    /// <summary>The opposite of another.</summary>
    public sealed class Not(Formula part) : Formula
    {
        public Formula Part { get; } = part;
    }

    /// <summary>What a schema says; worked out when asked for, since it may lead back to itself.</summary>
    public sealed class Schema(SchemaPlace place, SchemaScope scope) : Formula
    {
        public SchemaPlace Place { get; } = place;

        public SchemaScope Scope { get; } = scope;

        public Formula? Says { get; set; }
    }

    /// <summary>Being of one of some types.</summary>
    public sealed class Type(JsonTypes types) : Formula
    {
        public JsonTypes Types { get; } = types;
    }

    /// <summary>Being one of some values.</summary>
    public sealed class Enum(IReadOnlyList<JsonElement> values) : Formula
    {
        private Formula? _structured;

        public IReadOnlyList<JsonElement> Values { get; } = values;

        /// <summary>The lists and objects among the values, as demands on their parts.</summary>
        public Formula Structured => _structured ??= ConstFormula.Of(Values);
    }

    /// <summary>For texts: being in a language.</summary>
    public sealed class Text(Term language) : Formula
    {
        public Term Language { get; } = language;
    }

    /// <summary>For texts: a count of characters.</summary>
    public sealed class Length(int least, int most) : Formula
    {
        public int Least { get; } = least;

        public int Most { get; } = most;
    }

    /// <summary>For numbers: being in a set, written as decimals.</summary>
    public sealed class Number(Term inside, Term outside) : Formula
    {
        public Term Inside { get; } = inside;

        public Term Outside { get; } = outside;
    }

    /// <summary>For objects: what the values of some keys are like.</summary>
    public sealed class Members(KeySet keys, Formula values, bool evaluates = true) : Formula
    {
        public KeySet Keys { get; } = keys;

        public Formula Values { get; } = values;

        public bool Evaluates { get; } = evaluates;
    }

    /// <summary>For objects: a key that must be there.</summary>
    public sealed class Required(string name) : Formula
    {
        public string Name { get; } = name;
    }

    /// <summary>For objects: a count of members. For lists: a count of items.</summary>
    public sealed class Count(bool ofItems, int least, int most) : Formula
    {
        public bool OfItems { get; } = ofItems;

        public int Least { get; } = least;

        public int Most { get; } = most;
    }

    /// <summary>For lists: what one item is like, or all from one on.</summary>
    public sealed class Items(int index, bool andFollowing, Formula values, bool evaluates = true) : Formula
    {
        public int Index { get; } = index;

        public bool AndFollowing { get; } = andFollowing;

        public Formula Values { get; } = values;

        public bool Evaluates { get; } = evaluates;
    }

    /// <summary>For lists: how many items are like something.</summary>
    public sealed class Contains(Formula values, int least, int most, bool evaluates) : Formula
    {
        public Formula Values { get; } = values;

        public int Least { get; } = least;

        public int Most { get; } = most;

        public bool Evaluates { get; } = evaluates;
    }

    /// <summary>For lists: no two items are equal.</summary>
    public sealed class Distinct(string pointer) : Formula
    {
        public string Pointer { get; } = pointer;
    }

    /// <summary>What is demanded of members, or items, that nothing beside spoke of.</summary>
    public sealed class Unevaluated(Formula beside, Formula values, bool ofItems, string pointer) : Formula
    {
        public Formula Beside { get; } = beside;

        public Formula Values { get; } = values;

        public bool OfItems { get; } = ofItems;

        public string Pointer { get; } = pointer;
    }
}
