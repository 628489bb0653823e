namespace Thimble.Models.Files;

/// <summary>The types of GGUF's metadata values, numbered as the file numbers them.</summary>
/// <remarks>Source: the GGUF specification, ggml, <c>gguf_metadata_value_type</c>.</remarks>
internal enum GgufKind : uint
{
    UInt8 = 0,
    Int8 = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Float32 = 6,
    Bool = 7,
    String = 8,
    Array = 9,
    UInt64 = 10,
    Int64 = 11,
    Float64 = 12,
}

/// <summary>What follows from a kind.</summary>
internal static class GgufKinds
{
    extension(GgufKind kind)
    {
        /// <summary>Bytes of a value, or 0 where each value says its own length.</summary>
        public int Size => kind switch
        {
            GgufKind.UInt8 or GgufKind.Int8 or GgufKind.Bool => 1,
            GgufKind.UInt16 or GgufKind.Int16 => 2,
            GgufKind.UInt32 or GgufKind.Int32 or GgufKind.Float32 => 4,
            GgufKind.UInt64 or GgufKind.Int64 or GgufKind.Float64 => 8,
            _ => 0,
        };
    }
}
