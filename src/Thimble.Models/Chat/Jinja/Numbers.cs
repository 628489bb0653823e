namespace Thimble.Models.Chat;

/// <summary>Arithmetic as Python does it on truth values, whole numbers and floats.</summary>
internal static class Numbers
{
    /// <summary>Whether a value is a whole number; truth values are 1 and 0.</summary>
    public static bool IsWhole(JinjaValue? value, out long whole)
    {
        whole = value switch { IntegerValue integer => integer.Value, BooleanValue { IsTrue: true } => 1, _ => 0 };
        return value is IntegerValue or BooleanValue;
    }

    /// <summary>Whether a value is a number of any kind.</summary>
    public static bool IsNumber(JinjaValue? value, out double number)
    {
        number = value is FloatValue real ? real.Value : IsWhole(value, out long whole) ? whole : 0;
        return value is FloatValue or IntegerValue or BooleanValue;
    }

    public static bool Same(JinjaValue left, object? right)
    {
        if (IsWhole(left, out long a) && IsWhole(right as JinjaValue, out long b))
            return a == b;
        return IsNumber(left, out double x) && IsNumber(right as JinjaValue, out double y) && x == y;
    }

    /// <summary>One of <c>+ - * / // % **</c>, or null where an operand is no number.</summary>
    public static JinjaValue? Calculate(string operation, JinjaValue left, JinjaValue right, Rendering rendering)
    {
        if (!IsNumber(left, out double x) || !IsNumber(right, out double y))
            return null;
        if (operation is "/" or "//" or "%" && y == 0)
            throw rendering.Fault("a number is divided by zero.");
        bool whole = IsWhole(left, out long a) & IsWhole(right, out long b);
        return whole && operation != "/" && (operation != "**" || b >= 0)
            ? Whole(operation, a, b, rendering)
            : Real(operation, x, y);
    }

    private static IntegerValue Whole(string operation, Int128 a, Int128 b, Rendering rendering)
    {
        Int128 result = operation switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "//" => FloorDivide(a, b),
            "%" => a - (FloorDivide(a, b) * b),
            _ => Power(a, b, rendering),
        };
        if (result > long.MaxValue || result < long.MinValue)
            throw rendering.Fault("a whole number outgrows 64 bits.");
        return new((long)result);
    }

    private static Int128 FloorDivide(Int128 a, Int128 b)
    {
        Int128 quotient = a / b;
        return (a % b != 0) && ((a < 0) != (b < 0)) ? quotient - 1 : quotient;
    }

    private static Int128 Power(Int128 a, Int128 b, Rendering rendering)
    {
        if (a >= -1 && a <= 1)
            return a == 0 ? (b == 0 ? 1 : 0) : a == -1 && b % 2 != 0 ? -1 : 1;
        if (b > 63)
            throw rendering.Fault("a whole number outgrows 64 bits.");
        Int128 power = 1;
        for (int i = 0; i < b && power < long.MaxValue && power > long.MinValue; i++)
            power *= a;
        return power;
    }

    private static FloatValue Real(string operation, double x, double y) => new(operation switch
    {
        "+" => x + y,
        "-" => x - y,
        "*" => x * y,
        "/" => x / y,
        "//" => Math.Floor(x / y),
        "%" => x - (Math.Floor(x / y) * y),
        _ => Math.Pow(x, y),
    });
}
