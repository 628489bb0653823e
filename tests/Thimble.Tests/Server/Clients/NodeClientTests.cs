using Xunit.Abstractions;

namespace Thimble.Tests.Server;

/// <summary>The clients that programs in JavaScript use, OpenAI's and Anthropic's own.</summary>
public class NodeClientTests(RunningServer server, ITestOutputHelper output) : IClassFixture<RunningServer>
{
    private const int OpenAiChecks = 10, AnthropicChecks = 5;

    [ClientFact("openai", OpenAiChecks), Trait("Speed", "Slow")]
    public Task OpenAI_s_own_client_gets_what_it_expects() => ClientRun.RequireAsync("openai.mjs", server.Address, OpenAiChecks, output);

    [ClientFact("@anthropic-ai/sdk", AnthropicChecks), Trait("Speed", "Slow")]
    public Task Anthropic_s_own_client_gets_what_it_expects() => ClientRun.RequireAsync("anthropic.mjs", server.Address, AnthropicChecks, output);
}
