using System.Buffers.Text;
using Thimble.Models.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.Chat;

/// <summary>Reads contents that may hold images. Images come with the request: nothing is fetched from anywhere.</summary>
internal static class Pictures
{
    /// <summary>The most images of one request: each costs a run of the model's sight.</summary>
    public const int Most = 16;

    private const int MostParts = 16384;

    /// <summary>A content of OpenAI's shape: a text, or a list of parts.</summary>
    /// <returns>Its text; and its parts where an image is among them.</returns>
    /// <exception cref="Rejection">It is something else.</exception>
    public static (string? Text, IReadOnlyList<ChatPart>? Parts) Content(Field content)
    {
        if (!content.IsGiven || content.IsText)
            return (content.Text(), null);
        if (!content.IsList)
            throw content.Wrong("a text, or a list of parts");
        return Of([.. content.Items(MostParts).Select(Part)]);
    }

    /// <summary>Parts, or their one text where there is no image among them.</summary>
    public static (string? Text, IReadOnlyList<ChatPart>? Parts) Of(IReadOnlyList<ChatPart> parts)
    {
        string text = string.Join("\n", parts.Where(part => part.Kind == "text").Select(part => part.Text));
        return parts.Any(part => part.Kind == "image") ? (text, parts) : (text, null);
    }

    /// <summary>An image's bytes from base64.</summary>
    /// <exception cref="Rejection">It is no base64, or nothing.</exception>
    public static ChatPart FromBase64(Field field, ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Convert.TryFromBase64Chars(text, bytes, out int length) && length > 0
            ? ChatPart.Image(bytes.AsMemory(0, length))
            : throw Rejection.Of(field.Path, $"'{field.Path}' is no image in base64.");
    }

    /// <summary>An image from a <c>data:</c> address.</summary>
    /// <exception cref="Rejection">It is another address.</exception>
    public static ChatPart FromAddress(Field field)
    {
        const string Mark = "data:", Coded = ";base64";
        string address = field.NeededText();
        if (!address.StartsWith(Mark, StringComparison.OrdinalIgnoreCase))
            throw Rejection.Of(field.Path, $"'{field.Path}' is no data: address; this server fetches nothing from elsewhere. Send the image itself, as data:image/png;base64,…");
        int comma = address.IndexOf(',', StringComparison.Ordinal);
        ReadOnlySpan<char> kind = comma < 0 ? "" : address.AsSpan(Mark.Length, comma - Mark.Length);
        if (!kind.StartsWith("image/", StringComparison.OrdinalIgnoreCase) || !kind.EndsWith(Coded, StringComparison.OrdinalIgnoreCase))
            throw Rejection.Of(field.Path, $"'{field.Path}' is no image; expected data:image/png;base64,… or another kind of image in base64.");
        return FromBase64(field, address.AsSpan(comma + 1));
    }

    /// <summary>How many images turns hold.</summary>
    public static int In(IEnumerable<ChatTurn> turns) => turns.Sum(turn => turn.Parts?.Count(part => part.Kind == "image") ?? 0);

    /// <summary>Refuses images that a model cannot see, or too many of them.</summary>
    /// <exception cref="Rejection">The model has no projector, or there are too many images.</exception>
    public static void Require(Model model, int images, string field)
    {
        if (images > Most)
            throw Rejection.Of(field, $"'{field}' holds {images} images; expected at most {Most}.");
        if (images > 0 && !model.TakesImages)
            throw Blind(model, field);
    }

    /// <summary>What a client is told whose image cannot be read; null where the fault is another.</summary>
    public static Rejection? Refused(Exception fault, string field) => fault is InvalidDataException or NotSupportedException or CapacityException
        ? new(400, Rejection.Invalid, Rejection.Line(fault)) { Field = field, Code = "invalid_image" }
        : null;

    private static Rejection Blind(Model model, string field) => new(400, Rejection.Invalid,
        $"'{field}' holds an image; '{model.Name}' sees none, since it is served without a projector. Put its mmproj file beside it, or serve it with --mmproj FILE.")
    {
        Field = field,
        Code = "images_unsupported",
    };

    private static ChatPart Part(Field part)
    {
        string kind = part["type"].NeededText();
        switch (kind)
        {
            case "text" or "input_text" or "output_text":
                return new("text", part["text"].NeededText());
            case "refusal":
                return new("text", part["refusal"].NeededText());
            case "image_url":
                Field image = part["image_url"];
                return FromAddress(image.IsText ? image : image["url"]);
            case "input_image" when part["file_id"].IsGiven:
                throw Rejection.Of(part["file_id"].Path, $"'{part["file_id"].Path}' names a file; this server keeps none. Send the image as 'image_url'.");
            case "input_image":
                return FromAddress(part["image_url"]);
            default:
                throw Rejection.Of(part["type"].Path, $"'{part["type"].Path}' is '{kind}'; this server takes text and image_url.");
        }
    }
}
