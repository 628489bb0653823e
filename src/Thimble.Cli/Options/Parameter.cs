using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace Thimble.Cli.Options;

/// <summary>A knob of generation: a flag of the command line and a name for <c>/set parameter</c>.</summary>
/// <param name="Name">Its name in a conversation, as ollama names it where ollama has it.</param>
/// <param name="Flags">Its flags, as llama-cli names them, the longest first.</param>
/// <param name="Value">What stands for the value in help; null for a switch.</param>
/// <param name="Help">What it does and its default.</param>
/// <param name="Set">The settings with these values; switches get none.</param>
internal sealed record Parameter(string Name, string[] Flags, string? Value, string Help, Func<RunSettings, string[], RunSettings> Set)
{
    /// <summary>Whether several values may be given.</summary>
    public bool Repeats { get; init; }

    /// <summary>Whether it only counts when a model is opened.</summary>
    public bool AtOpening { get; init; }

    /// <summary>Its option on the command line.</summary>
    public Option Option()
    {
        if (Value is null)
            return new Option<bool>(Flags[0], Flags[1..]) { Description = Help };
        return Repeats
            ? new Option<string[]>(Flags[0], Flags[1..]) { Description = Help, HelpName = Value }
            : new Option<string>(Flags[0], Flags[1..]) { Description = Help, HelpName = Value };
    }

    /// <summary>The settings with values for this parameter.</summary>
    /// <param name="settings">The settings before.</param>
    /// <param name="values">The values as typed.</param>
    /// <param name="said">How the user named it, for messages.</param>
    /// <exception cref="ArgumentException">A value is none, or out of range.</exception>
    public RunSettings Apply(RunSettings settings, string[] values, string said)
    {
        try
        {
            return Set(settings, values) with
            {
                Chosen = new SortedDictionary<string, string>(settings.Chosen.ToDictionary()) { [Name] = Value is null ? "true" : string.Join(' ', values) },
            };
        }
        catch (ArgumentException fault)
        {
            throw new ArgumentException($"{said}: {Faults.Line(fault)}", fault);
        }
    }

    /// <summary>The number that a text is.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static T Number<T>(string[] values)
        where T : INumberBase<T> =>
        T.TryParse(values[^1], NumberStyles.Float, CultureInfo.InvariantCulture, out T? number)
            ? number
            : throw new ArgumentException($"'{values[^1]}' is no {(typeof(T) == typeof(float) ? "number" : "whole number in range")}.", nameof(values));

    /// <summary>A count of at least one, or null for the word that means no limit.</summary>
    public static int? Count(string[] values, int none)
    {
        int number = Number<int>(values);
        return number == none ? null
            : number >= 1 ? number
            : throw new ArgumentException($"{number} is too small; expected 1 or more, or {none} for no limit.", nameof(values));
    }
}
