using System.Globalization;

namespace Thimble.Models.Chat;

/// <summary>Python's <c>range</c>: whole numbers from a start in equal steps.</summary>
internal sealed class RangeValue(long start, long stop, long step, int count) : JinjaValue
{
    public override string Kind => "range";

    public override bool IsTrue => count > 0;

    public override int? Length => count;

    public override bool IsIndexed => true;

    public override void PrintQuoted(Printer to) =>
        to.Append(step == 1
            ? string.Create(CultureInfo.InvariantCulture, $"range({start}, {stop})")
            : string.Create(CultureInfo.InvariantCulture, $"range({start}, {stop}, {step})"));

    public override IEnumerable<JinjaValue> Elements(Rendering rendering)
    {
        for (int i = 0; i < count; i++)
            yield return Of(start + (i * step));
    }

    public override JinjaValue? Lookup(JinjaValue key)
    {
        if (!Numbers.IsWhole(key, out long index))
            return null;
        if (index < 0)
            index += count;
        return index < 0 || index >= count ? null : Of(start + (index * step));
    }
}
