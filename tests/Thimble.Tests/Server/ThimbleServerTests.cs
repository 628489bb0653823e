using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Thimble.Server;

namespace Thimble.Tests.Server;

/// <summary>Thimble in somebody's own application.</summary>
public class ThimbleServerTests
{
    private static readonly ChatOptions s_short = new() { MaxOutputTokens = 4, Temperature = 0 };

    [Fact]
    public async Task Models_are_injected_by_default_and_by_name()
    {
        await using WebApplication app = Build(options => options.Model = Story);
        IChatClient client = app.Services.GetRequiredService<IChatClient>(), named = app.Services.GetRequiredKeyedService<IChatClient>("tinystories");
        ChatResponse one = await client.GetResponseAsync("Once upon a time", s_short), two = await named.GetResponseAsync("Once upon a time", s_short);
        Assert.NotEmpty(one.Text);
        Assert.Equal(one.Text, two.Text);
        string streamed = "";
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Once upon a time", s_short))
            streamed += update.Text;
        Assert.Equal(one.Text, streamed);
        Assert.Equal("tinystories", named.GetService<ChatClientMetadata>()?.DefaultModelId);
        var nobody = app.Services.GetRequiredKeyedService<IChatClient>("nobody");
        await Assert.ThrowsAsync<FileNotFoundException>(() => nobody.GetResponseAsync("Hi"));
    }

    [Fact]
    public async Task Vectors_are_injected_too()
    {
        await using WebApplication app = Build(options => options.Model = Story);
        var generator = app.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(["a dog", "a cat"]);
        Assert.Equal(2, vectors.Count);
        var named = app.Services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("tinystories");
        Assert.Equal(vectors[0].Vector.ToArray(), (await named.GenerateAsync(["a dog"]))[0].Vector.ToArray());
    }

    [Theory]
    [InlineData(nameof(ServerOptions.MaxConcurrent))]
    [InlineData(nameof(ServerOptions.ApiKeyFile))]
    [InlineData("Opening.Projector")]
    [InlineData("Opening.Draft")]
    [InlineData("adapter")]
    public async Task Options_that_cannot_be_meant_are_refused_at_the_start(string fault)
    {
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(async () =>
        {
            await using WebApplication app = Build(options =>
            {
                options.MaxConcurrent = 0;
                options.ApiKeyFile = "nowhere/keys";
                options.Opening = new() { Projector = "nowhere.gguf", Draft = "nowhere.gguf" };
                options.Adapters = [new("nowhere.gguf")];
            });
            await app.StartAsync();
        });
        Assert.Contains(refused.Failures, failure => failure.Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Health_is_bad_until_the_model_is_open_and_once_it_stops()
    {
        await using WebApplication app = Build(options => options.Model = Story);
        HealthCheckService checks = app.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Unhealthy, (await checks.CheckHealthAsync()).Status);
        Serving serving = app.Services.GetRequiredService<Serving>();
        serving.IsOpen = true;
        HealthReport report = await checks.CheckHealthAsync();
        Assert.Equal((HealthStatus.Healthy, 0), (report.Status, report.Entries["thimble"].Data["running"]));
        serving.IsDraining = true;
        Assert.Equal(HealthStatus.Unhealthy, (await checks.CheckHealthAsync()).Status);
    }

    private static string Story => Path.Combine(Golden.Root, "models", "tinystories.gguf");

    private static WebApplication Build(Action<ServerOptions> configure)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddThimble(configure);
        builder.Services.AddHealthChecks().AddThimble();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        WebApplication app = builder.Build();
        app.UseRouting();
        app.MapThimble();
        return app;
    }
}
