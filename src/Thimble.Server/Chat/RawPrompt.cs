using Thimble.Server.Http;

namespace Thimble.Server.Chat;

/// <summary>Prompts that are no conversation: texts, tokens, or both mixed.</summary>
internal static class RawPrompt
{
    private const int Most = 2048, MostTokens = 16 << 20;
    private const string ImageMark = "<__media__>";   // llama-server's

    /// <summary>Reads one prompt or several.</summary>
    /// <param name="field">A text; a list of token ids; a list in which both are mixed; or a list of any of these.</param>
    /// <param name="model">Whose tokens they are.</param>
    /// <param name="options">What the server allows.</param>
    /// <param name="special">Whether special tokens are read in texts.</param>
    /// <exception cref="Rejection">It is something else, an id is none of the model's, or it does not fit.</exception>
    public static IReadOnlyList<int[]> Read(Field field, Model model, ServerOptions options, bool special = true)
    {
        if (!field.IsGiven)
            throw field.Missing("a text, or a list of token ids");
        if (field.IsText)
            return [Fit(Encode(field.NeededText()), field)];

        IReadOnlyList<Field> items = field.Items(MostTokens);
        if (items.Count == 0)
            throw field.Wrong("at least one prompt");
        if (items.Any(item => item.IsNumber))
            return [Fit(Mixed(items), field)];
        if (items.Count > Most)
            throw Rejection.Of(field.Path, $"'{field.Path}' has {items.Count} prompts; expected at most {Most}.");
        return [.. items.Select(item => Fit(item.IsText ? Encode(item.NeededText()) : Mixed(item.Items(MostTokens)), item))];

        int[] Encode(string text) => model.Tokenizer.Encode(text, addSpecial: true, parseSpecial: special);

        int[] Mixed(IReadOnlyList<Field> parts)
        {
            List<int> tokens = [];
            foreach (Field part in parts)
            {
                if (part.IsText)
                    tokens.AddRange(model.Tokenizer.Encode(part.NeededText(), addSpecial: tokens.Count == 0, parseSpecial: special));
                else
                    tokens.Add(Id(part, model));
            }

            return [.. tokens];
        }

        int[] Fit(int[] tokens, Field at)
        {
            if (tokens.Length == 0)
                throw Rejection.Of(at.Path, $"'{at.Path}' is empty, and the model has no token that begins a text.");
            int room = Math.Min(model.ContextLength - 1, options.MaxPromptTokens ?? int.MaxValue);
            return tokens.Length <= room ? tokens : throw Conversation.TooLong(tokens.Length, model, options, at.Path);
        }
    }

    /// <summary>One prompt, which may be an object with images in llama-server's form: a text with marks, and what stands in place of each.</summary>
    /// <exception cref="Rejection">It is something else, or does not fit.</exception>
    public static Prompt ReadSeeing(Field field, Model model, Exchange exchange)
    {
        if (!field.IsObject)
        {
            return Read(field, model, exchange.Serving.Options) is [{ } only] ? new(only)
                : throw Rejection.Of(field.Path, $"'{field.Path}' holds several prompts; ask /v1/completions, which answers all of them.");
        }

        Field shown = field["multimodal_data"];
        string[] pieces = field["prompt_string"].NeededText().Split(ImageMark);
        ReadOnlyMemory<byte>[] images = [.. shown.Items().Select(image => Pictures.FromBase64(image, image.NeededText()).Data)];
        if (pieces.Length != images.Length + 1)
            throw Rejection.Of(shown.Path, $"'{shown.Path}' holds {images.Length} images; the text has {pieces.Length - 1} marks {ImageMark}.");
        Pictures.Require(model, images.Length, shown.Path);
        try
        {
            Prompt prompt = new PromptComposer(model).Compose(pieces, images, exchange.Tenant.Name, exchange.Stop);
            int room = Math.Min(model.ContextLength - 1, exchange.Serving.Options.MaxPromptTokens ?? int.MaxValue);
            return prompt.Length <= room ? prompt : throw Conversation.TooLong(prompt.Length, model, exchange.Serving.Options, field.Path);
        }
        catch (Exception fault) when (images.Length > 0 && Pictures.Refused(fault, shown.Path) is { } refused)
        {
            throw refused;
        }
    }

    /// <summary>A token's id.</summary>
    /// <exception cref="Rejection">It is none of the model's.</exception>
    public static int Id(Field field, Model model) => field.Count() is { } id && id < model.Tokenizer.VocabularySize
        ? id
        : throw Rejection.Of(field.Path, $"'{field.Path}' is no token's id; expected 0 to {model.Tokenizer.VocabularySize - 1}.");
}
