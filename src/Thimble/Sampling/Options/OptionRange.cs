using System.Numerics;

namespace Thimble.Sampling;

/// <summary>The range of an option: checks a value at the door and names the property it was meant for.</summary>
internal static class OptionRange
{
    /// <summary>The value, if it is finite and not below a bound.</summary>
    public static T AtLeast<T>(T value, T least, string property)
        where T : struct, INumber<T> =>
        T.IsFinite(value) && value >= least
            ? value
            : throw Refused(value, property, $"{property} is {value}; expected a finite number of at least {least}.");

    /// <summary>The value, if it is finite and above a bound.</summary>
    public static float Above(float value, float bound, string property) =>
        float.IsFinite(value) && value > bound
            ? value
            : throw Refused(value, property, $"{property} is {value}; expected a finite number above {bound}.");

    /// <summary>The value, if it lies between two bounds, both allowed.</summary>
    public static float Within(float value, float least, float greatest, string property) =>
        value >= least && value <= greatest
            ? value
            : throw Refused(value, property, $"{property} is {value}; expected a number from {least} to {greatest}.");

    /// <summary>The value, if it is finite.</summary>
    public static float Finite(float value, string property) =>
        float.IsFinite(value)
            ? value
            : throw Refused(value, property, $"{property} is {value}; expected a finite number.");

    /// <summary>The exception for a value that a property does not take.</summary>
    public static ArgumentOutOfRangeException Refused(object? value, string property, string message) => new(property, value, message);
}
