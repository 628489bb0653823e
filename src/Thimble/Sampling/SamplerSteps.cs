namespace Thimble.Sampling;

/// <summary>The steps this build knows, by name; each step's file adds itself.</summary>
internal static class SamplerSteps
{
    private static readonly SortedDictionary<string, (bool Reweighs, Func<SamplingOptions, DryBreakers, ISamplerStep?> Open)> s_steps =
        new(StringComparer.Ordinal);

    /// <summary>The names, in alphabetical order, for messages.</summary>
    public static string Known => string.Join(", ", s_steps.Keys);

    /// <summary>Whether a name is known.</summary>
    public static bool IsKnown(string name) => s_steps.ContainsKey(name);

    /// <summary>Adds a step.</summary>
    /// <param name="name">Its name, as llama.cpp writes it.</param>
    /// <param name="reweighs">Whether it changes what the model thinks rather than cutting it short: such steps act in greedy decoding
    /// and beside mirostat too.</param>
    /// <param name="open">Makes the step these options ask for, or null where they ask for none.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public static void Add(string name, bool reweighs, Func<SamplingOptions, DryBreakers, ISamplerStep?> open) =>
        s_steps.Add(name, (reweighs, open));

    /// <summary>The steps that options ask for, in their order.</summary>
    public static ISamplerStep[] Open(SamplingOptions options, DryBreakers breakers)
    {
        List<ISamplerStep> chain = [];
        foreach (string name in options.Order)
        {
            (bool reweighs, Func<SamplingOptions, DryBreakers, ISamplerStep?> open) = s_steps[name];
            bool acts = options switch
            {
                { IsGreedy: true } => reweighs,
                { Mirostat: not null } => reweighs || name == Temperature.Name,
                _ => true,
            };
            if (acts && open(options, breakers) is { } step)
                chain.Add(step);
        }

        return [.. chain];
    }
}
