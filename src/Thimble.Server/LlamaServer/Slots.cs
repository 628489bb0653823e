using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Thimble.Library;
using Thimble.Server.Chat;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.LlamaServer;

/// <summary><c>GET /slots</c>, <c>POST /slots/{id}?action=save|restore|erase</c>: prompts that are kept over a restart.</summary>
/// <remarks>Thimble has no slots: any request continues any known beginning. What is saved of one is its tokens; restoring computes them again,
/// so that requests which begin so find them in the cache. Nothing is written outside the given folder.</remarks>
internal static class Slots
{
    private const int Most = 256;
    private const uint Mark = 0x544C_5354;   // TSLT

    [ModuleInitializer]
    internal static void Register()
    {
        Routes.AddGet("/slots", OpenAiDialect.Dialect, ListAsync);
        Routes.AddPost("/slots/{id}", OpenAiDialect.Dialect, ActAsync);
    }

    /// <summary>Keeps the tokens of a prompt as a slot's, apart for each key.</summary>
    public static void Remember(Exchange exchange, ModelLease lease, int slot, int[] tokens)
    {
        if (exchange.Serving.Options.SlotFolder is not null && slot < Most)
            exchange.Serving.Slots[(exchange.Tenant.Name, slot)] = (lease.Name, tokens);
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
            int tokens = exchange.Serving.Slots.TryGetValue((exchange.Tenant.Name, i), out (string Model, int[] Tokens) kept) ? kept.Tokens.Length : 0;
            json.WriteNumber("n_past", tokens);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static Task ActAsync(Exchange exchange)
    {
        if (!int.TryParse(exchange.Part("id"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int slot) || slot >= Most)
            throw Rejection.Of("id", $"There is no slot '{exchange.Part("id")}'; expected 0 to {Most - 1}.");
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
        if (!exchange.Serving.Slots.TryGetValue((exchange.Tenant.Name, slot), out (string Model, int[] Tokens) kept))
            throw Rejection.Of("id", $"Slot {slot} is empty; ask /completion with 'id_slot' first.");
        byte[] bytes = new byte[8 + (4 * kept.Tokens.Length)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Mark);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), kept.Tokens.Length);
        for (int i = 0; i < kept.Tokens.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8 + (4 * i)), kept.Tokens[i]);
        string part = $"{path}.{Environment.ProcessId}.part";
        await System.IO.File.WriteAllBytesAsync(part, bytes, exchange.Stop).ConfigureAwait(false);
        System.IO.File.Move(part, path, overwrite: true);
        await AnswerAsync(exchange, slot, Path.GetFileName(path), "n_saved", kept.Tokens.Length, "n_written", bytes.Length).ConfigureAwait(false);
    }

    private static async Task RestoreAsync(Exchange exchange, int slot)
    {
        string path = File(exchange);
        if (!System.IO.File.Exists(path))
            throw Rejection.Of("filename", $"There is no saved slot '{Path.GetFileName(path)}'.");
        byte[] bytes = await System.IO.File.ReadAllBytesAsync(path, exchange.Stop).ConfigureAwait(false);
        using ModelLease lease = await exchange.RentAsync(exchange.Body["model"]).ConfigureAwait(false);
        int[] tokens = Tokens(bytes, lease.Model, path);
        await using var run = TextRun.Start(
            lease.Model, tokens, new() { MaxTokens = 1, Tenant = exchange.Tenant.Name is { Length: > 0 } tenant ? tenant : null }, exchange.Stop);
        await run.WholeAsync(exchange.Stop).ConfigureAwait(false);
        Remember(exchange, lease, slot, tokens);
        await AnswerAsync(exchange, slot, Path.GetFileName(path), "n_restored", tokens.Length, "n_read", bytes.Length).ConfigureAwait(false);
    }

    private static Task EraseAsync(Exchange exchange, int slot)
    {
        int erased = exchange.Serving.Slots.TryRemove((exchange.Tenant.Name, slot), out (string Model, int[] Tokens) kept) ? kept.Tokens.Length : 0;
        return exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("id_slot", slot);
            json.WriteNumber("n_erased", erased);
            json.WriteEndObject();
        });
    }

    private static Task AnswerAsync(Exchange exchange, int slot, string name, string counted, int tokens, string sized, int bytes) => exchange.WriteAsync(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("id_slot", slot);
        json.WriteString("filename", name);
        json.WriteNumber(counted, tokens);
        json.WriteNumber(sized, bytes);
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

    private static int[] Tokens(byte[] bytes, Model model, string path)
    {
        if (bytes.Length < 12 || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Mark || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)) != (bytes.Length - 8) / 4)
            throw Rejection.Of("filename", $"'{Path.GetFileName(path)}' is no saved slot.");
        int[] tokens = new int[(bytes.Length - 8) / 4];
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8 + (4 * i)));
            if ((uint)tokens[i] >= (uint)model.Tokenizer.VocabularySize)
                throw Rejection.Of("filename", $"'{Path.GetFileName(path)}' was saved from another model.");
        }

        return tokens;
    }
}
