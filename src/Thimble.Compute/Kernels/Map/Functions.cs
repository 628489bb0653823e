using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>A function of one number.</summary>
internal interface IFunction
{
    /// <summary>The function, lane by lane.</summary>
    static abstract TLane Apply<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>;
}

/// <summary>A function whose slope is wanted too: for training.</summary>
internal interface ISmooth : IFunction
{
    /// <summary>The function's derivative, lane by lane.</summary>
    static abstract TLane Slope<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>;
}

/// <summary><c>eˣ</c>, to 2 ulp; arguments below −87.3 give 1.2·10⁻³⁸, above 88.3 give 2.4·10³⁸.</summary>
internal readonly struct Exp : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Apply<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        x = TLane.Min(TLane.Max(x, TLane.Fill(-87.3f)), TLane.Fill(88.3f));
        TLane power = TLane.Round(x * TLane.Fill(1.44269504f));

        // ln 2 in two parts, the first with trailing zeros so that its product with a small whole number is exact.
        TLane rest = TLane.MultiplyAdd(power, TLane.Fill(-0.693359375f), x);
        rest = TLane.MultiplyAdd(power, TLane.Fill(2.12194440e-4f), rest);

        var sum = TLane.Fill(1.3888889e-3f);                               // 1/6!
        sum = TLane.MultiplyAdd(sum, rest, TLane.Fill(8.3333333e-3f));
        sum = TLane.MultiplyAdd(sum, rest, TLane.Fill(4.1666667e-2f));
        sum = TLane.MultiplyAdd(sum, rest, TLane.Fill(1.6666667e-1f));
        sum = TLane.MultiplyAdd(sum, rest, TLane.Fill(0.5f));
        sum = TLane.MultiplyAdd(sum, rest, TLane.Fill(1));
        sum = TLane.MultiplyAdd(sum, rest, TLane.Fill(1));
        return TLane.Scale(sum, power);
    }
}

/// <summary><c>1 / (1 + e⁻ˣ)</c>.</summary>
internal readonly struct Sigmoid : ISmooth
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Apply<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> =>
        TLane.Fill(1) / (TLane.Fill(1) + Exp.Apply(TLane.Fill(0) - x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Slope<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane y = Apply(x);
        return y * (TLane.Fill(1) - y);
    }
}

/// <summary><c>tanh x = 2 · sigmoid(2x) − 1</c>; absolute error below 2·10⁻⁷.</summary>
internal readonly struct Tanh : ISmooth
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Apply<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> =>
        TLane.MultiplyAdd(TLane.Fill(2), Sigmoid.Apply(x + x), TLane.Fill(-1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Slope<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane y = Apply(x);
        return TLane.Fill(1) - (y * y);
    }
}

/// <summary><c>x · sigmoid(x)</c>, also called swish.</summary>
/// <remarks>Source: Elfwing, Uchibe and Doya, "Sigmoid-Weighted Linear Units", 2017, eq. 5.</remarks>
internal readonly struct Silu : ISmooth
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Apply<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> =>
        x / (TLane.Fill(1) + Exp.Apply(TLane.Fill(0) - x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Slope<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane share = Sigmoid.Apply(x);
        return share * TLane.MultiplyAdd(x, TLane.Fill(1) - share, TLane.Fill(1));
    }
}

/// <summary><c>½x · (1 + tanh(√(2/π) · (x + 0.044715x³)))</c>.</summary>
/// <remarks>Source: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016, section 2.</remarks>
internal readonly struct Gelu : ISmooth
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Apply<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane inner = TLane.MultiplyAdd(x * x * x, TLane.Fill(0.044715f), x) * TLane.Fill(1.5957691f);   // 2√(2/π)
        return x * Sigmoid.Apply(inner);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Slope<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane square = x * x, inner = TLane.MultiplyAdd(square * x, TLane.Fill(0.044715f), x) * TLane.Fill(1.5957691f);
        TLane share = Sigmoid.Apply(inner), steep = TLane.MultiplyAdd(square, TLane.Fill(0.134145f), TLane.Fill(1)) * TLane.Fill(1.5957691f);
        return share * TLane.MultiplyAdd(x * steep, TLane.Fill(1) - share, TLane.Fill(1));
    }
}

/// <summary><c>½x · (1 + erf(x/√2))</c>; absolute error below 3·10⁻⁷·|x|.</summary>
/// <remarks>Source: Hendrycks and Gimpel, 2016, eq. 1; erf by Abramowitz and Stegun, 7.1.26.</remarks>
internal readonly struct GeluErf : ISmooth
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Apply<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane one = TLane.Fill(1), z = TLane.Abs(x) * TLane.Fill(0.70710678f);
        TLane t = one / TLane.MultiplyAdd(z, TLane.Fill(0.3275911f), one);
        var sum = TLane.Fill(1.061405429f);
        sum = TLane.MultiplyAdd(sum, t, TLane.Fill(-1.453152027f));
        sum = TLane.MultiplyAdd(sum, t, TLane.Fill(1.421413741f));
        sum = TLane.MultiplyAdd(sum, t, TLane.Fill(-0.284496736f));
        sum = TLane.MultiplyAdd(sum, t, TLane.Fill(0.254829592f));
        TLane erf = one - (sum * t * Exp.Apply(TLane.Fill(0) - (z * z)));

        // x·erf(x/√2) = |x|·erf(|x|/√2): the sign need not be carried.
        return TLane.Fill(0.5f) * (x + (TLane.Abs(x) * erf));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Slope<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        // GELU(x) = x·Φ(x), so Φ(x) = ½ + (GELU(x) − ½x)/x, which has no pole: the bracket is ½|x|·erf(|x|/√2).
        TLane half = TLane.Fill(0.5f), sign = x / (TLane.Abs(x) + TLane.Fill(1e-30f));
        TLane erf = (Apply(x) - (half * x)) / (TLane.Abs(x) + TLane.Fill(1e-30f));   // ½·erf(|x|/√2)
        TLane density = TLane.Fill(0.39894228f) * Exp.Apply(TLane.Fill(-0.5f) * x * x);
        return TLane.MultiplyAdd(sign, erf, half) + (x * density);
    }
}

/// <summary><c>x · sigmoid(1.702x)</c>, which is near GELU.</summary>
/// <remarks>Source: Hendrycks and Gimpel, 2016, section 2.</remarks>
internal readonly struct GeluQuick : ISmooth
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Apply<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> => x * Sigmoid.Apply(x * TLane.Fill(1.702f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Slope<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane steep = x * TLane.Fill(1.702f), share = Sigmoid.Apply(steep);
        return share * TLane.MultiplyAdd(steep, TLane.Fill(1) - share, TLane.Fill(1));
    }
}

/// <summary><c>max(x, 0)</c>.</summary>
internal readonly struct Relu : ISmooth
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Apply<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> => TLane.Max(x, TLane.Fill(0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Slope<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> =>
        TLane.Min(TLane.Max(x * TLane.Fill(1e38f), TLane.Fill(0)), TLane.Fill(1));
}

/// <summary><c>max(x, 0)²</c>.</summary>
/// <remarks>Source: So et al., "Primer", 2021, section 4.</remarks>
internal readonly struct ReluSquared : ISmooth
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Apply<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane positive = TLane.Max(x, TLane.Fill(0));
        return positive * positive;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Slope<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> =>
        TLane.Max(x + x, TLane.Fill(0));
}

/// <summary><c>ln(1 + eˣ)</c>, to 3 ulp.</summary>
/// <remarks>As <c>max(x, 0) + ln(1 + t)</c> with <c>t = e^−|x|</c>, and the logarithm by <c>2·artanh(t / (2 + t))</c>, whose argument is
/// at most ⅓, so that eight terms of its series are enough. Source: Dugas et al., 2001.</remarks>
internal readonly struct Softplus : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Apply<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane t = Exp.Apply(TLane.Fill(0) - TLane.Abs(x)), s = t / (TLane.Fill(2) + t), square = s * s;
        var sum = TLane.Fill(1f / 15);
        sum = TLane.MultiplyAdd(sum, square, TLane.Fill(1f / 13));
        sum = TLane.MultiplyAdd(sum, square, TLane.Fill(1f / 11));
        sum = TLane.MultiplyAdd(sum, square, TLane.Fill(1f / 9));
        sum = TLane.MultiplyAdd(sum, square, TLane.Fill(1f / 7));
        sum = TLane.MultiplyAdd(sum, square, TLane.Fill(1f / 5));
        sum = TLane.MultiplyAdd(sum, square, TLane.Fill(1f / 3));
        sum = TLane.MultiplyAdd(sum, square, TLane.Fill(1));
        return TLane.MultiplyAdd(s + s, sum, TLane.Max(x, TLane.Fill(0)));
    }
}
