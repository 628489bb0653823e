using System.Runtime.CompilerServices;

namespace Thimble.Compute.Formats;

/// <summary>Runs of bytes inside the structs of formats.</summary>
internal static class ByteRuns
{
    [InlineArray(4)]
    internal struct Bytes4
    {
        private byte _0;
    }

    [InlineArray(8)]
    internal struct Bytes8
    {
        private byte _0;
    }

    [InlineArray(12)]
    internal struct Bytes12
    {
        private byte _0;
    }

    [InlineArray(16)]
    internal struct Bytes16
    {
        private byte _0;
    }

    [InlineArray(32)]
    internal struct Bytes32
    {
        private byte _0;
    }

    [InlineArray(48)]
    internal struct Bytes48
    {
        private byte _0;
    }

    [InlineArray(64)]
    internal struct Bytes64
    {
        private byte _0;
    }

    [InlineArray(96)]
    internal struct Bytes96
    {
        private byte _0;
    }

    [InlineArray(128)]
    internal struct Bytes128
    {
        private byte _0;
    }
}
