using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Thimble.Tests.Server;

/// <summary>Runs somebody else's client in Node against a server.</summary>
internal static class ClientRun
{
    /// <summary>Runs a driver of <c>tests/clients</c> and expects that all its checks pass.</summary>
    public static async Task RequireAsync(string driver, Uri address, int checks, ITestOutputHelper output)
    {
        using var node = Process.Start(new ProcessStartInfo("node", [driver, address.AbsoluteUri])
        {
            WorkingDirectory = ClientFactAttribute.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> passed = node.StandardOutput.ReadToEndAsync(), failed = node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        output.WriteLine(await failed);
        Assert.Equal("", await failed);
        Assert.Equal(checks, int.Parse(await passed, CultureInfo.InvariantCulture));
    }
}
