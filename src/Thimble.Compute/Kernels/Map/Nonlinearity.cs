using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>The function between two matrices of a feed-forward block, chosen at run time.</summary>
internal abstract class Nonlinearity
{
    /// <summary>SiLU.</summary>
    public static Nonlinearity Silu { get; } = new Of<Silu>();

    /// <summary>GELU by its tanh form.</summary>
    public static Nonlinearity Gelu { get; } = new Of<Gelu>();

    /// <summary>GELU by the error function.</summary>
    public static Nonlinearity GeluErf { get; } = new Of<GeluErf>();

    /// <summary>GELU by the logistic function.</summary>
    public static Nonlinearity GeluQuick { get; } = new Of<GeluQuick>();

    /// <summary>ReLU.</summary>
    public static Nonlinearity Relu { get; } = new Of<Relu>();

    /// <summary>ReLU, squared.</summary>
    public static Nonlinearity ReluSquared { get; } = new Of<ReluSquared>();

    /// <summary>The logistic function.</summary>
    public static Nonlinearity Sigmoid { get; } = new Of<Sigmoid>();

    /// <summary>The hyperbolic tangent.</summary>
    public static Nonlinearity Tanh { get; } = new Of<Tanh>();

    /// <summary>Its name.</summary>
    public abstract string Name { get; }

    /// <summary><c>x = f(x)</c>.</summary>
    public abstract void Apply(Span<float> x);

    /// <summary><c>gate = f(gate) · up</c>.</summary>
    public abstract void Gate(Span<float> gate, ReadOnlySpan<float> up);

    /// <summary><c>y = f′(x)</c>.</summary>
    /// <exception cref="NotSupportedException">It takes more than one number, or its slope is not known here.</exception>
    public virtual void Slopes(ReadOnlySpan<float> x, Span<float> y) =>
        throw new NotSupportedException($"Models with {Name} cannot be trained: its slope is not known here.");

    private sealed class Of<TFunction> : Nonlinearity
        where TFunction : struct, ISmooth
    {
        public override string Name => typeof(TFunction).Name;

        public override void Apply(Span<float> x) => Lanes.Best(new Map<TFunction>(x, x));

        public override void Gate(Span<float> gate, ReadOnlySpan<float> up) => Lanes.Best(new Gate<TFunction>(gate, up, gate));

        public override void Slopes(ReadOnlySpan<float> x, Span<float> y) => Lanes.Best(new Map<Slope<TFunction>>(x, y));
    }
}

/// <summary>The derivative of a function, as a function.</summary>
internal readonly struct Slope<TFunction> : IFunction
    where TFunction : struct, ISmooth
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Apply<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> => TFunction.Slope(x);
}
