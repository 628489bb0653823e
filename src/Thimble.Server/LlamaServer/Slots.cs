using System.Runtime.CompilerServices;
using Thimble.Library;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.LlamaServer;

/// <summary><c>GET /slots</c>, <c>POST /slots/{id}?action=save|restore|erase</c>: prompts that are kept over a restart.</summary>
/// <remarks>Any request continues any known beginning; a slot is a text that is known by a number, for being saved with what the model computed of
/// it. Restored, it is found by requests that name the slot and by others that begin like it. Nothing is written outside the given folder.</remarks>
internal static class Slots
{
    [ModuleInitializer]
    internal static void Register()
    {
        Routes.AddGet("/slots", OpenAiDialect.Dialect, ListAsync);
        Routes.AddPost("/slots/{id}", OpenAiDialect.Dialect, ActAsync);
    }

    /// <summary>The text of a slot that a request goes on with; an empty one where there is none of this model.</summary>
    public static Session Take(Exchange exchange, ModelLease lease, int slot)
    {
        if (slot >= 0 && exchange.Serving.Options.SlotFolder is not null && exchange.Serving.Slots.Take(exchange.Tenant.Name, slot) is { } kept)
        {
            if (ReferenceEquals(kept.Model, lease.Model))
                return kept.Session;
            kept.Session.Dispose();
        }

        return lease.Model.CreateSession();
    }

    /// <summary>Keeps the text of a request as a slot's, apart for each key.</summary>
    public static void Put(Exchange exchange, ModelLease lease, int slot, Session session)
    {
        if (exchange.Serving.Options.SlotFolder is not null)
            exchange.Serving.Slots.Put(exchange.Tenant.Name, Math.Max(0, slot), lease.Name, lease.Model, session);
        else
            session.Dispose();
    }

    private static Task ListAsync(Exchange exchange) => exchange.WriteAsync(json =>
    {
        ServerOptions options = exchange.Serving.Options;
        json.WriteStartArray();
        for (int i = 0; i < options.MaxConcurrent; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", i);
            json.WriteBoolean("is_processing", i < exchange.Serving.Admission.Running);
            json.WriteNumber("n_past", exchange.Serving.Slots.Tokens(exchange.Tenant.Name, i));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static Task ActAsync(Exchange exchange)
    {
        if (!int.TryParse(exchange.Part("id"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int slot) || slot >= SlotShelf.Most)
            throw Rejection.Of("id", $"There is no slot '{exchange.Part("id")}'; expected 0 to {SlotShelf.Most - 1}.");
        return exchange.Query("action") switch
        {
            "save" => SaveAsync(exchange, slot),
            "restore" => RestoreAsync(exchange, slot),
            "erase" => EraseAsync(exchange, slot),
            var other => throw Rejection.Of("action", $"'action' is '{other}'; expected save, restore or erase."),
        };
    }

    private static async Task SaveAsync(Exchange exchange, int slot)
    {
        string path = File(exchange);
        long start = exchange.Serving.Time.GetTimestamp();
        (string name, Model model, Session session) = exchange.Serving.Slots.Take(exchange.Tenant.Name, slot)
            ?? throw Rejection.Of("id", $"Slot {slot} is empty; ask /completion with 'id_slot' first.");
        string part = $"{path}.{Guid.NewGuid():N}.part";
        long written;
        try
        {
            await using (FileStream stream = new(part, FileMode.CreateNew, FileAccess.Write))
            {
                await session.SaveAsync(stream, exchange.Stop).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
                written = stream.Length;
            }

            System.IO.File.Move(part, path, overwrite: true);
        }
        catch (IOException fault)
        {
            throw new Rejection(507, Rejection.Internal, $"Slot {slot} could not be written: {fault.Message}") { Code = "slot_not_written" };
        }
        finally
        {
            System.IO.File.Delete(part);   // there only where something went wrong
            exchange.Serving.Slots.Put(exchange.Tenant.Name, slot, name, model, session);
        }

        await AnswerAsync(exchange, slot, Path.GetFileName(path), ("n_saved", session.Length), ("n_written", written), ("save_ms", start)).ConfigureAwait(false);
    }

    private static async Task RestoreAsync(Exchange exchange, int slot)
    {
        string path = File(exchange);
        if (!System.IO.File.Exists(path))
            throw Rejection.Of("filename", $"There is no saved slot '{Path.GetFileName(path)}'.");
        long start = exchange.Serving.Time.GetTimestamp();
        using ModelLease lease = await exchange.RentAsync(exchange.Body["model"]).ConfigureAwait(false);
        await using var stream = System.IO.File.OpenRead(path);
        try
        {
            Session session = await lease.Model.RestoreSessionAsync(stream, exchange.Tenant.Name, exchange.Stop).ConfigureAwait(false);
            int tokens = session.Length;
            exchange.Serving.Slots.Put(exchange.Tenant.Name, slot, lease.Name, lease.Model, session);
            await AnswerAsync(exchange, slot, Path.GetFileName(path), ("n_restored", tokens), ("n_read", stream.Length), ("restore_ms", start)).ConfigureAwait(false);
        }
        catch (InvalidDataException fault)
        {
            throw new Rejection(400, Rejection.Invalid, $"'{Path.GetFileName(path)}': {fault.Message}") { Field = "filename", Code = "slot_invalid" };
        }
    }

    private static Task EraseAsync(Exchange exchange, int slot)
    {
        int erased = exchange.Serving.Slots.Tokens(exchange.Tenant.Name, slot);
        exchange.Serving.Slots.Take(exchange.Tenant.Name, slot)?.Session.Dispose();
        return exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("id_slot", slot);
            json.WriteNumber("n_erased", erased);
            json.WriteEndObject();
        });
    }

    private static Task AnswerAsync(Exchange exchange, int slot, string name, (string Name, int Count) tokens, (string Name, long Bytes) size, (string Name, long Start) time) => exchange.WriteAsync(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("id_slot", slot);
        json.WriteString("filename", name);
        json.WriteNumber(tokens.Name, tokens.Count);
        json.WriteNumber(size.Name, size.Bytes);
        json.WriteStartObject("timings");
        json.WriteNumber(time.Name, exchange.Serving.Time.GetElapsedTime(time.Start).TotalMilliseconds);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>A file in the folder, and nowhere else; one key's are not another's.</summary>
    private static string File(Exchange exchange)
    {
        string folder = exchange.Serving.Options.SlotFolder
            ?? throw new Rejection(501, Rejection.Invalid, "This server saves no slots; start it with --slot-save-path.") { Code = "not_supported_error" };
        string name = exchange.Body["filename"].NeededText();
        if (name.Length > 100 || name.StartsWith('.') || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_'))
            throw Rejection.Of("filename", "'filename' may have letters, digits, dots, dashes and underscores only, and not begin with a dot.");
        string place = exchange.Tenant.Name.Length == 0 ? folder
            : Path.Combine(folder, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(exchange.Tenant.Name)).AsSpan(0, 8)));
        Directory.CreateDirectory(place);
        return Path.Combine(place, name);
    }
}
