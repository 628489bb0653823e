using Thimble.Peers.Engines;

namespace Thimble.Peers.Scores;

/// <summary>Something both engines do.</summary>
/// <param name="Prompt">Tokens read in one step, or 0.</param>
/// <param name="Depth">Tokens of the sequence before one is added at a time.</param>
/// <param name="Batch">Sequences that each get a token in a step.</param>
internal sealed record Work(int Prompt, int Depth, int Batch)
{
    /// <summary>Tokens added before the clock runs.</summary>
    public const int Warm = 2;

    /// <summary>The works by the names they are asked for.</summary>
    public static IReadOnlyDictionary<string, Work> Names { get; } = new Dictionary<string, Work>(StringComparer.OrdinalIgnoreCase)
    {
        ["prefill"] = new(512, 0, 1),
        ["decode"] = new(0, 0, 1),
        ["batch4"] = new(0, 0, 4),
        ["batch16"] = new(0, 0, 16),
        ["depth"] = new(0, 4096, 1),
    };

    /// <summary>Its name, as llama-bench writes it.</summary>
    public string Title(int tokens) => Prompt > 0 ? $"pp{Prompt}" : $"tg{tokens}{(Batch > 1 ? $" × {Batch}" : "")}{(Depth > 0 ? $" @ d{Depth}" : "")}";

    /// <summary>Does it once.</summary>
    /// <param name="engine">Who does it; its long sequence has been read to <see cref="Depth"/>.</param>
    /// <param name="ids">Random tokens, at least as many as are read.</param>
    /// <param name="tokens">Tokens of each sequence, where no prompt is read.</param>
    /// <param name="clock">Tells the seconds.</param>
    /// <returns>Tokens a second.</returns>
    public double Time(IEngine engine, int[] ids, int tokens, Func<double> clock)
    {
        engine.Cut(Depth);
        for (int i = 0; i < Warm; i++)
            engine.Step(ids.AsSpan(i, Batch));
        if (Prompt > 0)
            engine.Cut(0);

        double start = clock();
        if (Prompt > 0)
        {
            engine.Read(ids.AsSpan(0, Prompt));
            return Prompt / (clock() - start);
        }

        for (int i = 0; i < tokens; i++)
            engine.Step(ids.AsSpan((i * Batch) % (ids.Length - Batch), Batch));
        return tokens * Batch / (clock() - start);
    }
}
