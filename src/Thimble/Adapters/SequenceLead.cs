using Thimble.Models.Blocks;
using Thimble.Scheduling;

namespace Thimble.Adapters;

/// <summary>What adapters put before the first token of a sequence: prompts and prefixes that were learnt.</summary>
/// <param name="Rows">They, in the order in which the adapters were loaded.</param>
internal sealed record SequenceLead(IReadOnlyList<GivenRows> Rows)
{
    /// <summary>Nothing.</summary>
    public static SequenceLead None { get; } = new([]);

    /// <summary>What stands for them among token ids.</summary>
    public int[] Ids { get; } = [.. Rows.SelectMany(rows => rows.Ids.ToArray())];

    /// <summary>What the adapters of a generation put there.</summary>
    /// <exception cref="ArgumentException">One has another scale than 0 or 1.</exception>
    /// <exception cref="NotSupportedException">The model reads its prompt by an encoder.</exception>
    public static SequenceLead Of(IReadOnlyList<AppliedAdapter> applied, Model model)
    {
        AppliedAdapter[] uses = [.. applied.Where(use => use.Scale != 0 && use.Adapter.Changes().Lead is not null).OrderBy(use => use.Adapter.Changes().Number)];
        if (uses.Length == 0)
            return None;
        if (model.IsEncoderDecoder)
            throw new NotSupportedException($"'{uses[0].Adapter.Path}' puts vectors before the first token; '{model.Name}' reads its prompt by an encoder, which takes none.");
        return Array.Find(uses, use => use.Scale != 1) is { } scaled
            ? throw new ArgumentException($"The scale of '{scaled.Adapter.Path}' is {scaled.Scale}; an adapter that puts vectors before the first token is used wholly or not at all: 1 or 0.", nameof(applied))
            : new([.. uses.Select(use => use.Adapter.Changes().Lead!)]);
    }

    /// <summary>Makes a sequence begin with them.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="before">Rows that it begins with now.</param>
    /// <returns>Rows that it begins with then.</returns>
    public int Begin(Sequence sequence, int before)
    {
        if (sequence.Tokens[..before].SequenceEqual(Ids))
            return before;

        int[] told = sequence.Tokens[before..].ToArray();
        Insert[] inserts = [.. sequence.Inserts.From(before).Select(insert => insert with { Start = insert.Start - before + Ids.Length })];
        sequence.Truncate(0);
        int start = 0;
        foreach (GivenRows rows in Rows)
        {
            sequence.Append(rows.Ids, [new Insert(start, rows.Count, rows)]);
            start += rows.Count;
        }

        sequence.Append(told, inserts);
        return Ids.Length;
    }
}
