namespace Thimble.Scheduling;

/// <summary>Runs one call on a model: reads its pieces in order, and writes its outputs.</summary>
internal static class CallRun
{
    /// <summary>Tokens of a call's prompt and the most it may write.</summary>
    public static int Need(SemanticCall call, Model model)
    {
        int written = 0;
        var prompt = new GrowingPrompt(model);
        foreach (TemplatePiece piece in call.Function.Pieces)
        {
            if (piece.Kind == PieceKind.Output)
                written += OptionsOf(call, piece.Text).MaxTokens ?? 0;
            else
                CallPrompt.Add(call, piece, prompt);
        }

        return written + prompt.Tokens().Length;
    }

    /// <summary>Runs a call; its outputs get their values one by one.</summary>
    /// <param name="call">The call; its inputs are there.</param>
    /// <param name="model">The model.</param>
    /// <param name="longest">Tokens of the longest prompt there may be.</param>
    /// <param name="settled">Told of each output that is written.</param>
    /// <param name="ended">Told of what each output took, one that was broken off too.</param>
    /// <exception cref="InvalidDataException">A prompt is longer.</exception>
    public static async Task RunAsync(
        SemanticCall call, Model model, int longest, Action<SemanticVariable, string, int[]> settled, Action<GenerationTimings>? ended = null)
    {
        using Session session = model.CreateSession();
        var prompt = new GrowingPrompt(model);
        foreach (TemplatePiece piece in call.Function.Pieces)
        {
            if (piece.Kind != PieceKind.Output)
            {
                CallPrompt.Add(call, piece, prompt);
                continue;
            }

            GenerationOptions options = OptionsOf(call, piece.Text) with
            {
                Tenant = call.Session.Tenant.Length == 0 ? null : call.Session.Tenant,
                Priority = call.Session.Priority + call.Objective switch { CallObjective.Latency => 1, CallObjective.Throughput => -1, _ => 0 },
            };
            int[] read = prompt.Tokens();
            if (read.Length > longest)
                throw new InvalidDataException($"The prompt of '{piece.Text}' has {read.Length} tokens; the longest allowed is {longest}. Give the call less to read.");
            Generation generation = session.Continue(read, options, call.Session.Stop.Token);
            (string written, int[] tokens) = await WriteAsync(generation, model, ended).ConfigureAwait(false);
            prompt.Add(tokens);
            settled(call[piece.Text], written, tokens);
        }
    }

    private static async Task<(string Text, int[] Tokens)> WriteAsync(Generation generation, Model model, Action<GenerationTimings>? ended)
    {
        var text = new System.Text.StringBuilder();
        List<int> tokens = [];
        try
        {
            await foreach (GeneratedToken token in generation.Tokens().ConfigureAwait(false))
            {
                text.Append(token.Text);
                if (token.Id >= 0)
                    tokens.Add(token.Id);
            }
        }
        finally
        {
            ended?.Invoke(generation.Timings);
        }

        if (generation.FinishReason == FinishReason.Deadline)
            throw new InvalidOperationException($"Writing took longer than {generation.Options.Deadline}, its deadline.");

        // A stop text is no part of the value, and its first letters may share a token with the last of it.
        string written = text.ToString();
        return (written, generation.FinishReason == FinishReason.Stop ? model.Tokenizer.Encode(written, addSpecial: false) : [.. tokens]);
    }

    private static GenerationOptions OptionsOf(SemanticCall call, string output) => call.Options.Outputs.GetValueOrDefault(output) ?? call.Options.Generation;
}
