using Thimble.Planning;

namespace Thimble.Tests.Library.Planning;

public class DevicesTests
{
    [Fact]
    public void Every_device_says_what_it_gives_and_who_says_so()
    {
        Assert.True(Devices.All.Count >= 12 + 13 + 10);
        Assert.All(Devices.All, device =>
        {
            Assert.True(device.MemoryBytesPerSecond > 1e9 && device.Peak(Device.F16) > 1e9, device.Name);
            Assert.NotEmpty(device.Source);
            Assert.NotEmpty(device.Class);
        });
    }

    [Fact]
    public void A_part_of_a_name_that_only_one_has_is_enough()
    {
        Assert.Equal("raspberry_pi_5", Devices.Named("BERRY_PI_5").Name);
        Assert.Contains("one of several; known: nvidia_A100", Assert.Throws<NotSupportedException>(() => Devices.Named("nvidia_A1")).Message, StringComparison.Ordinal);
        Assert.Contains("unknown; known:", Assert.Throws<NotSupportedException>(() => Devices.Named("abacus")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Absurd_numbers_are_refused_by_name()
    {
        Assert.Contains("MemoryBytes is -1", Assert.Throws<ArgumentOutOfRangeException>(() => new Device("x") { MemoryBytes = -1 }).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Device("x") { MemoryBytesPerSecond = double.NaN });
        Assert.Contains("OperationsPerSecond[F16]", Assert.Throws<ArgumentOutOfRangeException>(() => new Device("x")
        {
            OperationsPerSecond = new Dictionary<string, double> { [Device.F16] = 0 },
        }).Message, StringComparison.Ordinal);
    }
}
