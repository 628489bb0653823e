namespace Thimble.Grammar;

/// <summary>How a line of models writes a call of a tool.</summary>
/// <param name="Open">The mark before a call, or before a list of calls; empty where a reply that begins with the call is one.</param>
/// <param name="Close">The marks behind it, white space between them; empty for none.</param>
internal sealed record CallForm(string Open, params string[] Close)
{
    /// <summary>What stands before the arguments: marks, <c>{name}</c> for the tool's name, <c>{id}</c> for a name of the call's own, <c>{n}</c>
    /// for a number; null where name and arguments are in a JSON object.</summary>
    public string[]? Head { get; init; }

    /// <summary>The key of the tool's name in the object; empty where the name itself is the key.</summary>
    public string Name { get; init; } = "name";

    /// <summary>The key of the arguments in the object.</summary>
    public string Arguments { get; init; } = "arguments";

    /// <summary>The key of a name of the call's own, which may stand first in the object; empty for none.</summary>
    public string FirstId { get; init; } = "";

    /// <summary>The key of a name of the call's own, which may stand last in the object; empty for none.</summary>
    public string LastId { get; init; } = "";

    /// <summary>How the arguments are written; null as a JSON object.</summary>
    public MemberNotation? Notation { get; init; }

    /// <summary>Whether the calls stand in one list; otherwise each has its own marks.</summary>
    public bool IsList { get; init; }

    /// <summary>Whether a reply holds one call at most.</summary>
    public bool IsAlone { get; init; }

    /// <summary>A mark that may stand before the first call.</summary>
    public string Before { get; init; } = "";

    /// <summary>A mark that may stand behind the last call.</summary>
    public string After { get; init; } = "";

    /// <summary>What stands between two calls where that is more than white space.</summary>
    public string Between { get; init; } = "";

    /// <summary>Marks that open calls in other forms, which this one takes the place of: free text never holds them.</summary>
    public string[] Others { get; init; } = [];

    /// <summary>The form of a reply that is a call from its first character on; null for none.</summary>
    public CallForm? Bare { get; init; }

    /// <summary>Characters that begin a call where nothing was said before; no text begins with them.</summary>
    public string Starts { get; init; } = "";

    /// <summary>Whether the prompt ends with <see cref="Open"/>, so that a reply begins behind it.</summary>
    public bool IsOpen { get; init; }

    /// <summary>What follows <see cref="Open"/> where no call does but text; empty where a call always does.</summary>
    public string TextHead { get; init; } = "";

    /// <summary>Whether replies are messages on channels, which is a grammar of its own.</summary>
    public bool IsHarmony { get; init; }

    /// <summary>The form of a line of models; null for one that writes no calls.</summary>
    /// <param name="family">The line's name.</param>
    /// <param name="template">The model's template, where lines have several forms.</param>
    public static CallForm? Of(string family, string template) => CallForms.Of(family, template);

    /// <summary>What makes two of them one.</summary>
    public string Key => $"{Open}\u0003{string.Join('\u0004', Head ?? ["object", Name, Arguments])}\u0003{string.Join('\u0004', Close)}\u0003{Notation?.KeyOpen}\u0003{IsList}\u0003{IsHarmony}";
}
