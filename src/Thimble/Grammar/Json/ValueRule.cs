namespace Thimble.Grammar;

/// <summary>A JSON value that meets a demand.</summary>
/// <param name="demands">The demands of its schema.</param>
/// <param name="demand">The demand.</param>
internal sealed class ValueRule(ValueDemands demands, Demand demand) : Rule
{
    private volatile ValueParts? _parts;

    /// <inheritdoc />
    public override bool CanBeEmpty => false;

    /// <summary>The kinds of values; worked out when first asked for.</summary>
    public ValueParts Parts
    {
        get
        {
            if (_parts is { } known)
                return known;
            lock (demands)
                return _parts ??= ValueParts.Of(demands, demand, isDistinct: false);
        }
    }

    /// <summary>The kinds of values, each written in one way only, so that equal values are equal texts.</summary>
    public ValueParts Distinct
    {
        get
        {
            lock (demands)
                return field ??= ValueParts.Of(demands, demand, isDistinct: true);
        }
    }

    /// <inheritdoc />
    public override void Enter(byte value, Frame parent, Threads next)
    {
        ValueParts parts = Parts;
        switch (value)
        {
            case (byte)'{':
                foreach (ObjectShape shape in parts.Objects)
                    next.Add(new ObjectFrame(shape, parent));
                break;
            case (byte)'[':
                foreach (ArrayShape shape in parts.Arrays)
                    next.Add(new ArrayFrame(shape, parent));
                break;
            case (byte)'"':
                if (parts.Text is { IsCounted: true } counted)
                    next.Add(new CountedText(counted, parent));
                else if (parts.Text is { } text)
                    next.Add(new TermFrame(text.Start, parent));
                break;
            default:
                if (parts.Word is { } word)
                    TermFrame.Step(word, parent, value, next, mayEnd: false);
                if (parts.Number is { } number)
                    TermFrame.Step(number, parent, value, next, mayEnd: false);
                break;
        }
    }
}
