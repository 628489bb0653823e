using System.Runtime.CompilerServices;
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
        int choices = body["n"].Count(1, MostRuns) ?? 1;
        if (body["best_of"].Count(1) is { } best && best > choices)
            throw Rejection.Of("best_of", $"'best_of' is {best}: answers that nobody sees are not written here; leave it out, or ask for them with 'n'.");
        int? likeliest = body["logprobs"] is { IsFlag: true } flag ? (flag.Flag() == true ? 0 : null) : body["logprobs"].Count(0, 20);
        bool echo = body["echo"].Flag() ?? false;
        if (echo && likeliest is not null)
            throw Rejection.Of("logprobs", "'logprobs' of an echoed prompt are not computed; leave out 'echo' or 'logprobs'.");

        GenerationOptions options = ChatReading.Options(body, exchange);
        bool writes = body["max_tokens"].Count(-1) is not 0;
        if (!body.First("max_tokens", "max_completion_tokens", "n_predict").IsGiven)
            options = options with { MaxTokens = ChatReading.Least(DefaultTokens, options.MaxTokens) };
        using ModelLease lease = await exchange.RentAsync(body["model"]).ConfigureAwait(false);
        options = options with
        {
            TopLogProbabilities = likeliest,
            ParseSpecial = true,
            Adapters = exchange.Serving.Adapters.For(lease, body),
            Format = FormatFields.Read(body),
        };
        IReadOnlyList<int[]> prompts = body["suffix"].Text() is { } suffix
            ? [Infill.Tokens(lease.Model, body["prompt"].Text() ?? "", suffix, [], lease.Model.ContextLength - 1)]
            : RawPrompt.Read(body["prompt"], lease.Model, exchange.Serving.Options);
        if (prompts.Count * choices > MostRuns)
            throw Rejection.Of("prompt", $"{prompts.Count} prompts with {choices} answers each are asked for; expected at most {MostRuns} answers.");

        exchange.Facts.Begin("text_completion", lease.Name, exchange.Serving.Options.LogPrompts ? string.Join("\n\n", prompts.Select(prompt => lease.Model.Tokenizer.Decode(prompt))) : null);
        var writing = new CompletionWriting(exchange, lease)
        {
            Echoes = [.. prompts.SelectMany(prompt => Enumerable.Repeat(echo ? lease.Model.Tokenizer.Decode(prompt) : "", choices))],
            PromptTokens = prompts.Sum(prompt => prompt.Length),
            HasLikelihoods = likeliest is not null,
            StreamsUsage = body["stream_options"]["include_usage"].Flag() ?? false,
        };
        TextRun[] runs = writes ? Start(lease.Model, prompts, choices, options, exchange.Stop) : [];
        try
        {
            if (body["stream"].Flag() ?? false)
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

    private static TextRun[] Start(Model model, IReadOnlyList<int[]> prompts, int choices, GenerationOptions options, CancellationToken stop)
    {
        List<TextRun> runs = [];
        foreach (int[] prompt in prompts)
        {
            for (int i = 0; i < choices; i++)
            {
                ulong? seed = options.Sampling.Seed is { } first ? first + (ulong)i : null;
                runs.Add(TextRun.Start(model, prompt, options with { Sampling = options.Sampling with { Seed = seed } }, stop));
            }
        }

        return [.. runs];
    }
}
