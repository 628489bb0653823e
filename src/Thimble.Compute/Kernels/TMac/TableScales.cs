namespace Thimble.Compute.Kernels;

/// <summary>How the scales of sixteen rows are kept: halves for some blocks of 32 columns, and pairs of codes for each block.</summary>
internal interface ITableScales
{
    /// <summary>Blocks that share a half scale, and a half floor if there are offsets.</summary>
    static abstract int HeaderBlocks { get; }

    /// <summary>Groups of columns with a sum of their own in a block: 1 or 2.</summary>
    static abstract int Groups { get; }

    /// <summary>Whether groups have whole-number scales, which the whole numbers are multiplied by.</summary>
    static abstract bool IsCoded { get; }

    /// <summary>Whether groups have offsets.</summary>
    static abstract bool HasOffset { get; }
}

/// <summary>One half for some blocks.</summary>
internal readonly struct RunScales<TBlocks> : ITableScales
    where TBlocks : struct, INumeral
{
    public static int HeaderBlocks => TBlocks.Value;

    public static int Groups => 1;

    public static bool IsCoded => false;

    public static bool HasOffset => false;
}

/// <summary>A half and a half offset for each block.</summary>
internal readonly struct BlockOffsets : ITableScales
{
    public static int HeaderBlocks => 1;

    public static int Groups => 1;

    public static bool IsCoded => false;

    public static bool HasOffset => true;
}

/// <summary>One half for 256 columns and a whole multiple of it for each group.</summary>
internal readonly struct GroupScales<TGroups> : ITableScales
    where TGroups : struct, INumeral
{
    public static int HeaderBlocks => 8;

    public static int Groups => TGroups.Value;

    public static bool IsCoded => true;

    public static bool HasOffset => false;
}

/// <summary>A half scale and a half floor for 256 columns and whole multiples of both for each group.</summary>
internal readonly struct GroupOffsets<TGroups> : ITableScales
    where TGroups : struct, INumeral
{
    public static int HeaderBlocks => 8;

    public static int Groups => TGroups.Value;

    public static bool IsCoded => true;

    public static bool HasOffset => true;
}
