using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Thimble.Library;
using Thimble.Server.Http;

namespace Thimble.Server.Ollama;

/// <summary><c>/api/create</c>, <c>/api/copy</c>, <c>/api/delete</c> and <c>/api/blobs</c>: changes the shelf.</summary>
internal static class Making
{
    /// <summary>What a request to create may hold and this build cannot do.</summary>
    private static readonly string[] s_refused = ["quantize", "messages", "files_url", "path", "renderer", "parser", "remote_host", "draft"];

    [ModuleInitializer]
    internal static void Register()
    {
        Routes.Add(new("POST", "/api/create", OllamaDialect.Dialect, CreateAsync) { Administers = true });
        Routes.Add(new("POST", "/api/copy", OllamaDialect.Dialect, CopyAsync) { Administers = true });
        Routes.Add(new("DELETE", "/api/delete", OllamaDialect.Dialect, DeleteAsync) { Administers = true });
        Routes.Add(new("HEAD", "/api/blobs/{digest}", OllamaDialect.Dialect, HasBlobAsync));
        Routes.Add(new("POST", "/api/blobs/{digest}", OllamaDialect.Dialect, TakeBlobAsync) { IsRaw = true, Administers = true });
    }

    private static async Task CreateAsync(Exchange exchange)
    {
        string name = Asked.Model(exchange);
        ModelRecipe recipe = Recipe(exchange.Body);
        await using var lines = new LineStream(exchange);
        Shelf.Of(exchange).Create(Shelf.Plain(name), recipe with { From = Shelf.Plain(recipe.From) });
        await lines.SendAsync(json => Status(json, "writing manifest")).ConfigureAwait(false);
        await lines.EndAsync(json => Status(json, "success")).ConfigureAwait(false);
    }

    private static async Task CopyAsync(Exchange exchange)
    {
        Shelf.Of(exchange).Copy(Shelf.Plain(exchange.Body["source"].NeededText()), Shelf.Plain(exchange.Body["destination"].NeededText()));
        await exchange.WriteAsync(json => Status(json, "success")).ConfigureAwait(false);
    }

    private static async Task DeleteAsync(Exchange exchange)
    {
        await exchange.ReadAsync().ConfigureAwait(false);   // a DELETE with a body, as Ollama has it
        Shelf.Of(exchange).Remove(Shelf.Plain(Asked.Model(exchange)));
        await exchange.WriteAsync(json => Status(json, "success")).ConfigureAwait(false);
    }

    private static Task HasBlobAsync(Exchange exchange)
    {
        exchange.Context.Response.StatusCode = Shelf.Host(exchange).Folder.Store.Has(exchange.Part("digest")) ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static async Task TakeBlobAsync(Exchange exchange)
    {
        // A model is larger than any body that is read whole; it goes to the disk as it comes.
        if (exchange.Context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        exchange.Stop = exchange.Context.RequestAborted;   // it takes as long as it takes
        try
        {
            await Shelf.Host(exchange).Folder.Store.AddAsync(exchange.Part("digest"), exchange.Context.Request.Body, exchange.Stop).ConfigureAwait(false);
        }
        catch (InvalidDataException fault)
        {
            throw new Rejection(StatusCodes.Status400BadRequest, Rejection.Invalid, fault.Message);
        }
        catch (CapacityException full)
        {
            throw Shelf.NoRoom(full);
        }

        exchange.Context.Response.StatusCode = StatusCodes.Status201Created;
    }

    private static ModelRecipe Recipe(Field body)
    {
        foreach (string name in s_refused)
        {
            if (body[name] is { IsGiven: true } field && !(field is { IsText: true } && field.Text() == ""))
                throw Rejection.Of(name, $"'{name}' is not known to this build; known: adapters, files, from, license, modelfile, parameters, system, template.");
        }

        if (body["modelfile"].Text() is { Length: > 0 } text)
        {
            try
            {
                return ModelRecipe.Parse(text);
            }
            catch (InvalidDataException fault)
            {
                throw Rejection.Of("modelfile", fault.Message);
            }
        }

        return new(From(body))
        {
            System = body["system"].Text(),
            Template = body["template"].Text(),
            License = body["license"].Texts() is { Count: > 0 } licenses ? string.Join("\n\n", licenses) : null,
            Parameters = body["parameters"].Members().ToDictionary(member => member.Name, member => member.Value.Json.Clone()),
            Adapters = body["adapters"].Members() is { Count: > 0 } adapters ? [.. adapters.Select(adapter => adapter.Value.NeededText())] : null,
        };
    }

    /// <summary>The model it is made of: a name, or the one GGUF file among those that were sent.</summary>
    private static string From(Field body)
    {
        if (body["from"].Text() is { Length: > 0 } from)
            return from;
        IReadOnlyList<(string Name, Field Value)> files = body["files"].Members();
        return files.Count switch
        {
            0 => throw body["from"].Missing("the model it is made of"),
            1 when files[0].Name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) => files[0].Value.NeededText(),
            _ => throw Rejection.Of("files", $"'files' holds {string.Join(", ", files.Select(file => file.Name))}; this build takes one GGUF file."),
        };
    }

    private static void Status(Utf8JsonWriter json, string status)
    {
        json.WriteStartObject();
        json.WriteString("status", status);
        json.WriteEndObject();
    }
}
