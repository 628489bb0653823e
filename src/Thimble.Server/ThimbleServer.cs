using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Thimble.Library;
using Thimble.Server.Hosting;
using Thimble.Server.Http;
using Thimble.Server.Telemetry;

namespace Thimble.Server;

/// <summary>Puts Thimble into an ASP.NET Core application.</summary>
/// <example><code>
/// WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
/// builder.Services.AddThimble(options => options.Model = "qwen3-0.6b-q4_0.gguf");
/// WebApplication app = builder.Build();
/// app.MapThimble();
/// app.Run();
/// </code></example>
public static class ThimbleServer
{
    /// <summary>Adds what serves models: <see cref="MapThimble"/> gives it addresses, and <see cref="IChatClient"/> and
    /// <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> are there to be injected, for the default model, or by a model's name as the key.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets options; null for the model inside Thimble and all defaults.</param>
    /// <returns>A builder for more of the options, such as from configuration. They are checked when the application starts.</returns>
    public static OptionsBuilder<ServerOptions> AddThimble(this IServiceCollection services, Action<ServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => Serving.Host(provider.GetRequiredService<IOptions<ServerOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IChatClient>(static provider => new HostedChatClient(provider.GetRequiredService<ModelHost>(), null));
        services.TryAddKeyedSingleton<IChatClient>(KeyedService.AnyKey, static (provider, name) => new HostedChatClient(provider.GetRequiredService<ModelHost>(), name?.ToString()));
        services.TryAddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(static provider => new HostedEmbeddings(provider.GetRequiredService<ModelHost>(), null));
        services.TryAddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>(KeyedService.AnyKey, static (provider, name) => new HostedEmbeddings(provider.GetRequiredService<ModelHost>(), name?.ToString()));
        services.AddMetrics();
        services.TryAddSingleton<Meters>();
        services.TryAddSingleton<Serving>();
        services.TryAddSingleton<Gate>();
        services.AddHostedService<Warmth>();
        services.AddHostedService<OtlpExport>();
        services.AddRoutingCore();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ServerOptions>, ServerCheck>());
        OptionsBuilder<ServerOptions> options = services.AddOptions<ServerOptions>().ValidateOnStart();
        return configure is null ? options : options.Configure(configure);
    }

    /// <summary>Adds a check that fails while the default model is opened, and once the server stops.</summary>
    /// <param name="checks">The application's checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failure">What it counts as when it fails; null for unhealthy.</param>
    public static IHealthChecksBuilder AddThimble(this IHealthChecksBuilder checks, string name = "thimble", HealthStatus? failure = null)
    {
        ArgumentNullException.ThrowIfNull(checks);
        return checks.AddCheck<HealthOfModels>(name, failure, ["ready"]);
    }

    /// <summary>Adds the addresses of the APIs: OpenAI's, Anthropic's, llama-server's and Ollama's, below the builder's own prefix.</summary>
    /// <param name="endpoints">The application, or a group of addresses in it.</param>
    /// <returns>The addresses together, to add conventions to.</returns>
    /// <remarks>Keys, limits and origins are checked here by the options of Thimble, not by the application's own middleware.</remarks>
    public static IEndpointConventionBuilder MapThimble(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        Gate gate = endpoints.ServiceProvider.GetRequiredService<Gate>();
        ServerOptions options = endpoints.ServiceProvider.GetRequiredService<IOptions<ServerOptions>>().Value;
        RouteGroupBuilder group = endpoints.MapGroup("");
        foreach (Http.Route route in Routes.All.Where(route => options.Page || !route.IsPage))
        {
            // Clients of Ollama look by HEAD whether anybody is there.
            string[] methods = HttpMethods.IsGet(route.Method) ? [HttpMethods.Get, HttpMethods.Head] : [route.Method];
            group.MapMethods(route.Pattern, methods, (RequestDelegate)(context => gate.RunAsync(context, route)));
        }

        if (options.Origins.Count > 0)
        {
            foreach (string pattern in Routes.All.Select(route => route.Pattern).Distinct())
                group.MapMethods(pattern, [HttpMethods.Options], (RequestDelegate)gate.PreflightAsync);
        }

        return group;
    }
}
