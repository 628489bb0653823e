using System.Runtime.CompilerServices;
using Thimble.Adapters;
using Thimble.Library;
using Thimble.Server.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary><c>POST /v1/completions</c>: texts continued as they stand, or filled in where a suffix is given.</summary>
internal static class Completions
{
    private const int DefaultTokens = 16, MostRuns = 128;   // OpenAI's default

    [ModuleInitializer]
    internal static void Register() => Routes.AddPost("/v1/completions", OpenAiDialect.Dialect, AnswerAsync);

    private static async Task AnswerAsync(Exchange exchange)
    {
        Field body = exchange.Body;
        var form = CompletionForm.Read(body);
        GenerationOptions options = ChatReading.Options(body, exchange);
        bool writes = body["max_tokens"].Count(-1) is not 0;
        if (!body.First("max_tokens", "max_completion_tokens", "n_predict").IsGiven)
            options = options with { MaxTokens = ChatReading.Least(DefaultTokens, options.MaxTokens) };
        using ModelLease lease = await exchange.RentAsync(body["model"]).ConfigureAwait(false);
        options = options with
        {
            // To tell the best of several, their own probabilities are needed.
            TopLogProbabilities = form.Likeliest ?? (form.Candidates > form.Choices ? 0 : null),
            ParseSpecial = true,
            Adapters = exchange.Serving.Adapters.For(lease, body),
        };
        IReadOnlyList<int[]> prompts = Prompts(exchange, lease.Model);
        if (prompts.Count * form.Candidates > MostRuns)
            throw Rejection.Of("prompt", $"{prompts.Count} prompts with {form.Candidates} answers each are asked for; expected at most {MostRuns} answers.");

        exchange.Facts.Begin("text_completion", lease.Name, exchange.Serving.Options.LogPrompts ? string.Join("\n\n", prompts.Select(prompt => lease.Model.Tokenizer.Decode(prompt))) : null);
        var writing = new CompletionWriting(exchange, lease, form)
        {
            Echoes = await EchoesAsync(exchange, lease.Model, prompts, form, options).ConfigureAwait(false),
            PromptTokens = prompts.Sum(prompt => prompt.Length),
        };
        TextRun[] runs = writes ? Start(lease.Model, prompts, form.Candidates, options, exchange.Stop) : [];
        try
        {
            if (form.Streams)
                await writing.StreamAsync(runs).ConfigureAwait(false);
            else
                await writing.WholeAsync(runs).ConfigureAwait(false);
        }
        finally
        {
            foreach (TextRun run in runs)
            {
                exchange.Facts.Count(run.Generation);
                await run.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static IReadOnlyList<int[]> Prompts(Exchange exchange, Model model)
    {
        Field prompt = exchange.Body["prompt"];
        if (exchange.Body["suffix"].Text() is not { Length: > 0 } suffix)
            return RawPrompt.Read(prompt, model, exchange.Serving.Options);
        return prompt.Texts(1) is [var only]
            ? [Infill.Whole(model, only, suffix, exchange.Serving.Options, "prompt")]
            : throw Rejection.Of("prompt", "'prompt' is no single text; a 'suffix' takes one.");
    }

    /// <summary>What stands before each answer to a prompt, with what the model thinks of it where that is asked for.</summary>
    private static async Task<CompletionEcho[]> EchoesAsync(Exchange exchange, Model model, IReadOnlyList<int[]> prompts, CompletionForm form, GenerationOptions options)
    {
        if (!form.Echoes)
            return [.. prompts.Select(_ => CompletionEcho.None)];
        if (form.Likeliest is not { } top)
            return [.. prompts.Select(prompt => CompletionEcho.Of(model, prompt, []))];
        return await Task.Run(() => prompts.Select(prompt => CompletionEcho.Of(model, prompt, model.Likelihood.Of(prompt, top, Adapters(prompt), exchange.Stop))).ToArray(), exchange.Stop)
            .ConfigureAwait(false);

        SequenceAdapters Adapters(int[] prompt) => options.Adapters.Count == 0 ? SequenceAdapters.None : SequenceAdapters.Of(options.Adapters, model, prompt);
    }

    private static TextRun[] Start(Model model, IReadOnlyList<int[]> prompts, int each, GenerationOptions options, CancellationToken stop)
    {
        List<TextRun> runs = [];
        foreach (int[] prompt in prompts)
        {
            for (int i = 0; i < each; i++)
            {
                ulong? seed = options.Sampling.Seed is { } first ? first + (ulong)i : null;
                runs.Add(TextRun.Start(model, prompt, options with { Sampling = options.Sampling with { Seed = seed } }, stop));
            }
        }

        return [.. runs];
    }
}
