namespace Thimble.Compute.Simd;

/// <summary>A register of floats: the operations in which machines differ.</summary>
/// <typeparam name="TSelf">The register type.</typeparam>
internal interface ILane<TSelf>
    where TSelf : unmanaged, ILane<TSelf>
{
    /// <summary>Whether this machine has these registers in hardware.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Floats in one register.</summary>
    static abstract int Count { get; }

    /// <summary>The same value in every lane.</summary>
    static abstract TSelf Fill(float value);

    /// <summary>Reads <see cref="Count"/> floats from <paramref name="source"/> on.</summary>
    static abstract TSelf Load(ref readonly float source);

    /// <summary>Reads <see cref="Count"/> halves, given by their bits, from <paramref name="source"/> on.</summary>
    static abstract TSelf LoadHalf(ref readonly ushort source);

    /// <summary>Reads <see cref="Count"/> bfloat16, given by their bits, from <paramref name="source"/> on.</summary>
    static abstract TSelf LoadBFloat(ref readonly ushort source);

    /// <summary>The lower halves of <see cref="Count"/> pairs, each <c>2^-112</c> times its value: the exponent is moved, not mended.</summary>
    static abstract TSelf LoadLowHalves(ref readonly uint pairs);

    /// <summary>The upper halves of <see cref="Count"/> pairs, likewise.</summary>
    static abstract TSelf LoadHighHalves(ref readonly uint pairs);

    /// <summary>The lower bfloat16 of <see cref="Count"/> pairs.</summary>
    static abstract TSelf LoadLowBFloats(ref readonly uint pairs);

    /// <summary>The upper bfloat16 of <see cref="Count"/> pairs.</summary>
    static abstract TSelf LoadHighBFloats(ref readonly uint pairs);

    /// <summary>Reads <see cref="Count"/> signed bytes from <paramref name="source"/> on.</summary>
    static abstract TSelf LoadBytes(ref readonly sbyte source);

    /// <summary>Writes <see cref="Count"/> floats from <paramref name="target"/> on.</summary>
    static abstract void Store(TSelf value, ref float target);

    /// <summary>Writes <see cref="Count"/> whole numbers in [-128, 127] as signed bytes from <paramref name="target"/> on.</summary>
    static abstract void StoreBytes(TSelf value, ref sbyte target);

    /// <summary>Lane by lane sum.</summary>
    static abstract TSelf operator +(TSelf a, TSelf b);

    /// <summary>Lane by lane difference.</summary>
    static abstract TSelf operator -(TSelf a, TSelf b);

    /// <summary>Lane by lane product.</summary>
    static abstract TSelf operator *(TSelf a, TSelf b);

    /// <summary>Lane by lane quotient.</summary>
    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary><c>a · b + c</c>, rounded once where the machine can.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>Lane by lane greater value.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>Lane by lane smaller value.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>Lane by lane magnitude.</summary>
    static abstract TSelf Abs(TSelf a);

    /// <summary>Lane by lane nearest whole number, ties to even.</summary>
    static abstract TSelf Round(TSelf a);

    /// <summary><c>a · 2^power</c> for whole <paramref name="power"/> in [-126, 127].</summary>
    static abstract TSelf Scale(TSelf a, TSelf power);

    /// <summary>Lane by lane square root.</summary>
    static abstract TSelf Sqrt(TSelf a);

    /// <summary>The sum of all lanes.</summary>
    static abstract float Sum(TSelf a);

    /// <summary>The greatest lane.</summary>
    static abstract float Max(TSelf a);

    /// <summary>Thirty-two products of signed bytes, their whole-number sum as a float in lane sums that add up to it.</summary>
    /// <remarks>Exact for a and b in [-127, 127].</remarks>
    static abstract TSelf Dot32(ref readonly sbyte a, ref readonly sbyte b);

    /// <summary>Sixteen products of signed bytes, likewise.</summary>
    static abstract TSelf Dot16(ref readonly sbyte a, ref readonly sbyte b);
}
