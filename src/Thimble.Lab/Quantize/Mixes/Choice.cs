namespace Thimble.Lab.Quantize;

/// <summary>Which format a kind of tensor gets, layer by layer; null for the mix's base.</summary>
internal delegate string? Choice(Place place);

/// <summary>Where a tensor stands, and in what model.</summary>
/// <param name="Index">How many of its kind come before it; for feed-forward tensors its layer.</param>
/// <param name="Count">How many of its kind, or layers, there are.</param>
/// <param name="Model">The model.</param>
internal readonly record struct Place(int Index, int Count, Traits Model)
{
    /// <summary>Whether it lies in the first part of the model, of <paramref name="parts"/>.</summary>
    public bool IsFirst(int parts) => Index < Count / parts;

    /// <summary>Whether it lies where rounding shows most: the first and last eighth, and every third layer between.</summary>
    public bool IsSensitive => IsFirst(8) || Index >= 7 * Count / 8 || (Index - (Count / 8)) % 3 == 2;
}

/// <summary>The choices that mixes are written in.</summary>
internal static class Choices
{
    /// <summary>One format everywhere.</summary>
    public static Choice All(string format) => _ => format;

    /// <summary>A format for the first tensors, by number.</summary>
    public static Choice Until(int count, string format, string? others = null) => place => place.Index < count ? format : others;

    /// <summary>A format for the first part of the layers.</summary>
    public static Choice First(int parts, string format, string? others = null) => place => place.IsFirst(parts) ? format : others;

    /// <summary>A format for all but the first and last eighth of the layers.</summary>
    public static Choice Middle(string format) => place => !place.IsFirst(8) && place.Index < 7 * place.Count / 8 ? format : null;

    /// <summary>A format where rounding shows most.</summary>
    public static Choice Sensitive(string format, string? others = null) => place => place.IsSensitive ? format : others;

    /// <summary>A format where four or more heads share a key and value, so that the tensor is small.</summary>
    public static Choice Grouped(string format, string? others = null) => place => place.Model.HeadsPerKey >= 4 ? format : others;

    /// <summary>A format for models of many experts, whose attention is small beside them; another choice for the rest.</summary>
    public static Choice ManyExperts(int atLeast, string format, Choice others) => place => place.Model.Experts >= atLeast ? format : others(place);

    /// <summary>A choice for models of exactly eight experts; another for the rest.</summary>
    public static Choice Eight(Choice format, Choice? others = null) => place => place.Model.Experts == 8 ? format(place) : others?.Invoke(place);

    /// <summary>A choice where no importance is known; another where it is.</summary>
    public static Choice Unweighted(Choice choice, Choice? weighted = null) => place => place.Model.IsWeighted ? weighted?.Invoke(place) : choice(place);

    /// <summary>A choice for Falcon, whose feed-forward part takes rounding otherwise; another for the rest.</summary>
    public static Choice Falcon(Choice? falcon, Choice others) => place => place.Model.IsFalcon ? falcon?.Invoke(place) : others(place);
}
