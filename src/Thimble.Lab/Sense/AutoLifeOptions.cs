using Thimble.Lab.Evaluate;

namespace Thimble.Lab.Sense;

/// <summary>Where AutoLife-Lite's models run.</summary>
public sealed record AutoLifeOptions
{
    /// <summary>Models in this process, one after the other: files or folders, or <c>default</c>.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>A server near by that speaks OpenAI's chat completions, as in <c>http://localhost:8080/v1</c>; null for none.</summary>
    public Uri? Server { get; init; }

    /// <summary>The model's name there.</summary>
    public string ServerModel { get; init; } = "default";

    /// <summary>How far away a remote machine is said to be: the server is asked once more, and this added to each answer; null for none.</summary>
    public TimeSpan? RemoteLatency { get; init; }

    /// <summary>Sessions of fifteen seconds of each stretch of the day.</summary>
    public int Sessions { get; init; } = 2;

    /// <summary>How models in this process are opened.</summary>
    public ModelOptions Opening { get; init; } = new();

    internal IEnumerable<Func<ITier>> Tiers()
    {
        foreach (string model in Models)
        {
            yield return () =>
            {
                var opened = EvaluationOptions.Path(model) is { } path ? Model.Open(path, Opening) : Model.OpenDefault(Opening);
                return new LocalTier(opened, EvaluatedModel.Of(opened.File).Format);
            };
        }

        if (Server is { } server)
        {
            yield return () => new ServerTier(server, ServerModel, TimeSpan.Zero);
            if (RemoteLatency is { } latency)
                yield return () => new ServerTier(server, ServerModel, latency);
        }
    }
}
