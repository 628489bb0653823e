using System.Runtime.CompilerServices;
using Thimble.Library;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.LlamaServer;

/// <summary><c>GET /props</c> and <c>/lora-adapters</c>: what is served, and through what.</summary>
internal static class Properties
{
    [ModuleInitializer]
    internal static void Register()
    {
        Routes.AddGet("/props", OpenAiDialect.Dialect, ShowAsync);
        Routes.AddGet("/lora-adapters", OpenAiDialect.Dialect, ListAdaptersAsync);
        Routes.Add(new("POST", "/lora-adapters", OpenAiDialect.Dialect, SetAdaptersAsync) { TakesList = true, Administers = true });
    }

    private static async Task ShowAsync(Exchange exchange)
    {
        using ModelLease lease = await exchange.Serving.Models.RentAsync(exchange.Query("model"), exchange.Stop).ConfigureAwait(false);
        Model model = lease.Model;
        ServerOptions options = exchange.Serving.Options;
        SamplingOptions plain = model.DefaultSampling;
        await exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("default_generation_settings");
            json.WriteNumber("n_ctx", model.ContextLength);
            json.WriteStartObject("params");
            json.WriteNumber("temperature", plain.Temperature);
            json.WriteNumber("top_k", plain.TopK);
            json.WriteNumber("top_p", plain.TopP);
            json.WriteNumber("min_p", plain.MinP);
            json.WriteNumber("repeat_penalty", plain.RepetitionPenalty);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteNumber("total_slots", options.MaxConcurrent);
            json.WriteString("model_alias", lease.Name);
            json.WriteString("model_path", Path.GetFileName(model.File.Path));   // where it lies is nobody's business
            json.WriteString("chat_template", model.ChatTemplate?.Text ?? "");
            json.WriteStartObject("modalities");
            json.WriteBoolean("vision", exchange.Serving.Models.Sees(lease.Name));
            json.WriteBoolean("audio", false);
            json.WriteEndObject();
            json.WriteString("bos_token", ChatPrompt.TextOf(model, model.Tokenizer.BeginOfText));
            json.WriteString("eos_token", ChatPrompt.TextOf(model, model.Tokenizer.EndOfText));
            json.WriteString("build_info", $"thimble {typeof(Properties).Assembly.GetName().Version!.ToString(3)}");
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static Task ListAdaptersAsync(Exchange exchange) => exchange.WriteAsync(json =>
    {
        json.WriteStartArray();
        IReadOnlyList<ServedAdapter> all = exchange.Serving.Adapters.All;
        for (int i = 0; i < all.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", i);
            json.WriteString("path", Path.GetFileName(all[i].Path));
            json.WriteNumber("scale", all[i].Scale);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static Task SetAdaptersAsync(Exchange exchange)
    {
        exchange.Serving.Adapters.Set(exchange.Serving.Adapters.Read(exchange.Body));
        return exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("success", true);
            json.WriteEndObject();
        });
    }
}
