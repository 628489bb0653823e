using System.Globalization;

namespace Thimble.Models.Chat;

/// <summary>What filters call an attribute: <c>name</c>, <c>a.b</c>, or a number.</summary>
internal static class AttributePath
{
    /// <summary>Follows a path; items come before attributes.</summary>
    public static JinjaValue Get(JinjaValue from, JinjaValue path, Rendering rendering)
    {
        if (path is not TextValue text)
            return ItemExpression.Get(from, path, rendering);
        foreach (string part in text.Value.Split('.'))
        {
            from = ItemExpression.Get(from, long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long index)
                ? JinjaValue.Of(index)
                : JinjaValue.Of(part), rendering);
        }
        return from;
    }
}
