namespace Thimble.Cli;

/// <summary>What a user reads of an exception.</summary>
internal static class Faults
{
    /// <summary>The message as one line.</summary>
    public static string Line(Exception fault)
    {
        string message = fault is AggregateException { InnerExceptions: [{ } inner] } ? inner.Message : fault.Message;
        if (fault is ArgumentException { ParamName: { } parameter })
        {
            // .NET appends the name of a parameter and its value, which no user has typed.
            int end = message.IndexOf($" (Parameter '{parameter}')", StringComparison.Ordinal);
            message = end > 0 ? message[..end] : message;
        }

        return message.ReplaceLineEndings(" ").TrimEnd();
    }
}
