using System.Text;
using System.Text.Json;

namespace Thimble.Lab.Training;

/// <summary>The texts of files as plain strings, for learning a tokenizer: no template, no special tokens.</summary>
/// <param name="special">Tokens that part texts wherever they are written out.</param>
internal sealed class TextPieces(string[] special)
{
    private const int BlockLength = 1 << 20;   // characters held at once
    private static readonly string[] s_fields = ["instruction", "prompt", "question", "input", "output", "response", "answer", "chosen", "rejected"];
    private readonly string[] _marks = [.. special.Append("<|endoftext|>").Distinct().OrderByDescending(mark => mark.Length)];

    /// <summary>Lines that could not be read, each with file, number and why.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>A file's texts.</summary>
    /// <exception cref="ArgumentException">The kind is unknown.</exception>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    public IEnumerable<string> Read(TrainingText text)
    {
        IEnumerable<string> pieces = text.Kind switch
        {
            "text" => Blocks(text.Path),
            "lines" => TextLines.Of(text.Path).Select(line => line.Text),
            "sgd" => Said(GuidedDialogues.Read(text.Path, Broken)),
            "small-talk" => Said(SmallTalk.Read(text.Path, Broken)),
            "stories" => Said(StoryRequests.Read(text.Path)),
            "taskmaster" => Said(OrderDialogues.Read(text.Path, Broken)),
            "chat" or "instruction" or "preference" => TextLines.Of(text.Path).SelectMany(line => Spoken(text, line.Number, line.Text)),
            _ => throw new ArgumentException($"Kind '{text.Kind}' of '{text.Path}' is unknown; known: {string.Join(", ", SampleReader.Kinds)}.", nameof(text)),
        };
        return pieces.SelectMany(piece => piece.Split(_marks, StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>A text in blocks that end behind a line's end before a letter, where no way of cutting words reaches across.</summary>
    private static IEnumerable<string> Blocks(string path)
    {
        using StreamReader reader = TextLines.Open(path);
        var held = new StringBuilder();
        char[] block = new char[BlockLength];
        for (int read; (read = reader.ReadBlock(block)) > 0;)
        {
            int cut = read - 1;
            while (cut > 0 && !(char.IsAsciiLetter(block[cut]) && block[cut - 1] == '\n'))
                cut--;
            if (cut > 0)
            {
                yield return held.Append(block, 0, cut).ToString();
                held.Clear();
            }

            held.Append(block, cut, read - cut);
        }

        yield return held.ToString();
    }

    private static IEnumerable<string> Said(IEnumerable<Dialogue> dialogues) =>
        dialogues.SelectMany(dialogue => dialogue.Turns).Select(turn => turn.Content ?? "");

    private List<string> Spoken(TrainingText text, int number, string line)
    {
        List<string> said = [];
        try
        {
            using var document = JsonDocument.Parse(line);
            if (text.Kind is "instruction" or "preference")
            {
                said.AddRange(s_fields.Select(field => document.RootElement.TryGetProperty(field, out JsonElement value) ? value.GetString() ?? "" : ""));
            }
            else
            {
                foreach (JsonElement message in document.RootElement.GetProperty("messages").EnumerateArray())
                    said.Add(message.GetProperty("content").GetString() ?? "");
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            Broken.Add($"{Path.GetFileName(text.Path)}:{number}: {e.Message}");
        }

        return said;
    }
}
