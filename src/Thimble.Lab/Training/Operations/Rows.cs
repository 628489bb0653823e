using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>Arithmetic on whole matrices.</summary>
internal static class Rows
{
    /// <summary><c>y = y + scale · x</c>.</summary>
    public static void Add(Matrix x, float scale, Matrix y) => Add(x.Values, scale, y.Values);

    /// <summary><c>y = y + scale · x</c>.</summary>
    public static void Add(ReadOnlySpan<float> x, float scale, Span<float> y) => TensorPrimitives.MultiplyAdd(x, scale, y, y);

    /// <summary><c>y = y + x · z</c>, value by value.</summary>
    public static void AddProduct(ReadOnlySpan<float> x, ReadOnlySpan<float> z, Span<float> y) => TensorPrimitives.MultiplyAdd(x, z, y, y);
}
