using Xunit.Abstractions;

namespace Thimble.Tests.Server;

public class OllamaClientTests(OllamaServer server, ITestOutputHelper output) : IClassFixture<OllamaServer>
{
    private const int Checks = 13;

    [ClientFact("ollama", Checks), Trait("Speed", "Slow")]
    public Task Ollama_s_own_client_gets_what_it_expects() => ClientRun.RequireAsync("ollama.mjs", server.Address, Checks, output);
}
