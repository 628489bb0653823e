namespace Thimble.Compute.Kernels;

/// <summary>A small number that a type stands for, so that the compiler knows it where code is generic over it.</summary>
internal interface INumeral
{
    /// <summary>The number.</summary>
    static abstract int Value { get; }
}

/// <summary>0.</summary>
internal readonly struct Zero : INumeral
{
    public static int Value => 0;
}

/// <summary>1.</summary>
internal readonly struct One : INumeral
{
    public static int Value => 1;
}

/// <summary>2.</summary>
internal readonly struct Two : INumeral
{
    public static int Value => 2;
}

/// <summary>3.</summary>
internal readonly struct Three : INumeral
{
    public static int Value => 3;
}

/// <summary>4.</summary>
internal readonly struct Four : INumeral
{
    public static int Value => 4;
}

/// <summary>8.</summary>
internal readonly struct Eight : INumeral
{
    public static int Value => 8;
}

/// <summary>16.</summary>
internal readonly struct Sixteen : INumeral
{
    public static int Value => 16;
}

/// <summary>32.</summary>
internal readonly struct ThirtyTwo : INumeral
{
    public static int Value => 32;
}
