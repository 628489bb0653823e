namespace Thimble.Cli.Chat;

/// <summary>What a model is that has no chat template, so that nobody takes it for an assistant.</summary>
internal static class Introduction
{
    /// <summary>Says it, where a person sees it.</summary>
    public static void Write(Terminal terminal, Model model, bool raw)
    {
        if (!raw || model.ChatTemplate is null)
        {
            terminal.Note(IsDefault(model)
                ? "This small model inside thimble writes children's stories: it continues a beginning and is no assistant."
                : $"'{model.Name}' has no chat template: it continues a text and is no assistant.");
        }
    }

    // The model inside the program has a file name and no folder.
    private static bool IsDefault(Model model) => model.File.Path == "tinystories.gguf" && !File.Exists(model.File.Path);
}
