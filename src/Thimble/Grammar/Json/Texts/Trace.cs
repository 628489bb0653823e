namespace Thimble.Grammar;

/// <summary>Bytes that have been read, the latest first.</summary>
/// <param name="Value">The latest byte.</param>
/// <param name="Before">Those before it.</param>
internal sealed record Trace(byte Value, Trace? Before)
{
    /// <summary>The bytes in order.</summary>
    public static byte[] Bytes(Trace? trace)
    {
        List<byte> bytes = [];
        for (; trace is not null; trace = trace.Before)
            bytes.Add(trace.Value);
        bytes.Reverse();
        return [.. bytes];
    }
}
