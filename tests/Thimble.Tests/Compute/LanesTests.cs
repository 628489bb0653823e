using Thimble.Compute.Simd;

namespace Thimble.Tests.Compute;

public class LanesTests
{
    /// <summary>The suite runs once per instruction set by these switches; one that .NET no longer knows would leave it untested.</summary>
    [Fact]
    public void A_switch_that_turns_an_instruction_set_off_bites()
    {
        if (IsOff("DOTNET_EnableHWIntrinsic"))
            Assert.False(V128.IsSupported);
        if (IsOff("DOTNET_EnableHWIntrinsic") || IsOff("DOTNET_EnableAVX2"))
            Assert.False(V256.IsSupported);
        if (IsOff("DOTNET_EnableHWIntrinsic") || IsOff("DOTNET_EnableAVX2") || IsOff("DOTNET_EnableAVX512"))
            Assert.False(V512.IsSupported);
    }

    private static bool IsOff(string name) => Environment.GetEnvironmentVariable(name) == "0";
}
