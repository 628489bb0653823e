using Microsoft.Extensions.AI;
using Thimble;

/// <summary>Registers a model for injection: the model itself, and the chat client that .NET applications program against.</summary>
internal static class ThimbleServices
{
    /// <summary>Opens a model when it is first asked for and closes it when the application ends.</summary>
    /// <param name="services">Where to register it.</param>
    /// <param name="path">A model file; null for the model that comes with Thimble.</param>
    public static IServiceCollection AddThimble(this IServiceCollection services, string? path = null) => services
        .AddSingleton(_ => path is null ? Model.OpenDefault() : Model.Open(path))
        .AddSingleton<IChatClient>(provider => provider.GetRequiredService<Model>().AsChatClient());
}
