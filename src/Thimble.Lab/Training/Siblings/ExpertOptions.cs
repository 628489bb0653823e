namespace Thimble.Lab.Training;

/// <summary>Into how many experts a model's feed-forward blocks are copied, and how many a token meets.</summary>
public sealed record ExpertOptions
{
    /// <summary>Experts of each layer.</summary>
    public int Count { get; init; } = 16;

    /// <summary>Experts that a token meets.</summary>
    public int Used { get; init; } = 2;

    /// <summary>Features inside an expert, of those that the block has; null for all. Each expert takes others.</summary>
    public int? Wide { get; init; }

    internal static ExpertOptions Read(RecipeKeys keys)
    {
        var made = new ExpertOptions();
        made = made with { Count = keys.Whole("count") ?? made.Count, Used = keys.Whole("used") ?? made.Used, Wide = keys.Whole("wide") };
        keys.RequireAllUsed();
        return made.Used >= 1 && made.Count >= made.Used && made.Wide is null or > 0
            ? made
            : throw new InvalidDataException($"Recipe '{keys.Path()}', 'experts': {made.Used} of {made.Count} with {made.Wide?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "all"} features; expected 1 at least, no more than there are, and features.");
    }
}
