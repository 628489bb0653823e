using System.Diagnostics;
using Xunit.Abstractions;

namespace Thimble.Tests.Server;

public class OllamaClientTests(OllamaServer server, ITestOutputHelper output) : IClassFixture<OllamaServer>
{
    private const int Checks = 13;

    [ClientFact("ollama", Checks), Trait("Speed", "Slow")]
    public async Task Ollama_s_own_client_gets_what_it_expects()
    {
        using var node = Process.Start(new ProcessStartInfo("node", ["ollama.mjs", server.Address.AbsoluteUri])
        {
            WorkingDirectory = ClientFactAttribute.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> passed = node.StandardOutput.ReadToEndAsync(), failed = node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        output.WriteLine(await failed);
        Assert.Equal("", await failed);
        Assert.Equal(Checks, int.Parse(await passed, System.Globalization.CultureInfo.InvariantCulture));
    }
}
