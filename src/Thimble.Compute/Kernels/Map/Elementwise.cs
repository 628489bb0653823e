using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary><c>y = f(x)</c>, value by value; x and y may be one.</summary>
internal readonly ref struct Map<TFunction>(ReadOnlySpan<float> x, Span<float> y) : IKernel
    where TFunction : struct, IFunction
{
    private readonly ReadOnlySpan<float> _x = x;
    private readonly Span<float> _y = y;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<float> x = _x;
        Span<float> y = _y[..x.Length];
        int i = 0;
        for (; i <= x.Length - TLane.Count; i += TLane.Count)
            TLane.Store(TFunction.Apply(TLane.Load(in x[i])), ref y[i]);
        for (; i < x.Length; i++)
            Scalar.Store(TFunction.Apply(Scalar.Load(in x[i])), ref y[i]);
    }
}

/// <summary><c>y = f(gate) · up</c>, value by value; y may be either.</summary>
internal readonly ref struct Gate<TFunction>(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> y) : IKernel
    where TFunction : struct, IFunction
{
    private readonly ReadOnlySpan<float> _gate = gate, _up = up;
    private readonly Span<float> _y = y;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<float> gate = _gate, up = _up[..gate.Length];
        Span<float> y = _y[..gate.Length];
        int i = 0;
        for (; i <= gate.Length - TLane.Count; i += TLane.Count)
            TLane.Store(TFunction.Apply(TLane.Load(in gate[i])) * TLane.Load(in up[i]), ref y[i]);
        for (; i < gate.Length; i++)
            Scalar.Store(TFunction.Apply(Scalar.Load(in gate[i])) * Scalar.Load(in up[i]), ref y[i]);
    }
}

/// <summary><c>y = y + scale · x</c>.</summary>
internal readonly ref struct AddScaled(ReadOnlySpan<float> x, float scale, Span<float> y) : IKernel
{
    private readonly ReadOnlySpan<float> _x = x;
    private readonly float _scale = scale;
    private readonly Span<float> _y = y;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<float> x = _x;
        Span<float> y = _y[..x.Length];
        var scale = TLane.Fill(_scale);
        int i = 0;
        for (; i <= x.Length - TLane.Count; i += TLane.Count)
            TLane.Store(TLane.MultiplyAdd(TLane.Load(in x[i]), scale, TLane.Load(in y[i])), ref y[i]);
        for (; i < x.Length; i++)
            y[i] = Scalar.MultiplyAdd(x[i], _scale, y[i]);
    }
}

/// <summary><c>y = x · z</c>, value by value; y may be either.</summary>
internal readonly ref struct Product(ReadOnlySpan<float> x, ReadOnlySpan<float> z, Span<float> y) : IKernel
{
    private readonly ReadOnlySpan<float> _x = x, _z = z;
    private readonly Span<float> _y = y;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<float> x = _x, z = _z[..x.Length];
        Span<float> y = _y[..x.Length];
        int i = 0;
        for (; i <= x.Length - TLane.Count; i += TLane.Count)
            TLane.Store(TLane.Load(in x[i]) * TLane.Load(in z[i]), ref y[i]);
        for (; i < x.Length; i++)
            y[i] = x[i] * z[i];
    }
}

/// <summary><c>y = scale · x</c>; x and y may be one.</summary>
internal readonly ref struct Scaled(ReadOnlySpan<float> x, float scale, Span<float> y) : IKernel
{
    private readonly ReadOnlySpan<float> _x = x;
    private readonly float _scale = scale;
    private readonly Span<float> _y = y;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<float> x = _x;
        Span<float> y = _y[..x.Length];
        var scale = TLane.Fill(_scale);
        int i = 0;
        for (; i <= x.Length - TLane.Count; i += TLane.Count)
            TLane.Store(TLane.Load(in x[i]) * scale, ref y[i]);
        for (; i < x.Length; i++)
            y[i] = x[i] * _scale;
    }
}

/// <summary><c>y = a + (b − a) · mix</c>, value by value: how recurrent models blend a token with the one before.</summary>
internal readonly ref struct Blend(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> mix, Span<float> y) : IKernel
{
    private readonly ReadOnlySpan<float> _a = a, _b = b, _mix = mix;
    private readonly Span<float> _y = y;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<float> a = _a, b = _b[..a.Length], mix = _mix[..a.Length];
        Span<float> y = _y[..a.Length];
        int i = 0;
        for (; i <= a.Length - TLane.Count; i += TLane.Count)
        {
            TLane from = TLane.Load(in a[i]);
            TLane.Store(TLane.MultiplyAdd(TLane.Load(in b[i]) - from, TLane.Load(in mix[i]), from), ref y[i]);
        }

        for (; i < a.Length; i++)
            y[i] = Scalar.MultiplyAdd(b[i] - a[i], mix[i], a[i]);
    }
}

/// <summary><c>y = min(max(x, least), most)</c>, value by value; x and y may be one.</summary>
internal readonly ref struct Clamped(ReadOnlySpan<float> x, float least, float most, Span<float> y) : IKernel
{
    private readonly ReadOnlySpan<float> _x = x;
    private readonly float _least = least, _most = most;
    private readonly Span<float> _y = y;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<float> x = _x;
        Span<float> y = _y[..x.Length];
        TLane least = TLane.Fill(_least), most = TLane.Fill(_most);
        int i = 0;
        for (; i <= x.Length - TLane.Count; i += TLane.Count)
            TLane.Store(TLane.Min(TLane.Max(TLane.Load(in x[i]), least), most), ref y[i]);
        for (; i < x.Length; i++)
            y[i] = Math.Min(Math.Max(x[i], _least), _most);
    }
}
