namespace Thimble.Lab.Measure;

/// <summary>What MELT measures.</summary>
public sealed record MeltOptions
{
    /// <summary>The models: files or folders, or <c>default</c> for the one inside the library; one for each size and format.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>Threads, each of which is measured with each model; 0 stands for one on each physical core.</summary>
    public IReadOnlyList<int> Threads { get; init; } = [0];

    /// <summary>What users say: a list of conversations, each a list of turns.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Conversations { get; init; }

    /// <summary>How often each configuration is run, each time in a fresh process.</summary>
    public int Repeats { get; init; } = 3;

    /// <summary>The longest reply.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>How long replies are asked for without a pause, to see the machine slow down; nothing leaves that out.</summary>
    public TimeSpan Sustained { get; init; }

    /// <summary>Tokens whose operations are timed one by one; 0 leaves that out.</summary>
    public int TracedTokens { get; init; } = 32;

    /// <summary>How long the machine rests, and its idle power is measured, before each process.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>llama.cpp's program <c>llama-bench</c>, run on the same models; null for none.</summary>
    public string? LlamaBench { get; init; }

    /// <summary>Reads conversations from a JSON file: a list of lists of texts.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">The most conversations; null for all.</param>
    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    public static IReadOnlyList<IReadOnlyList<string>> ReadConversations(string path, int? limit = null)
    {
        string[][]? read;
        try
        {
            read = System.Text.Json.JsonSerializer.Deserialize(File.ReadAllText(path), MeltJson.Default.StringArrayArray);
        }
        catch (System.Text.Json.JsonException fault)
        {
            throw new InvalidDataException($"'{path}' holds no list of conversations, each a list of texts: {fault.Message}", fault);
        }

        return read is { Length: > 0 } && read.All(turns => turns.Length > 0)
            ? [.. read.Take(limit ?? read.Length)]
            : throw new InvalidDataException($"'{path}' holds an empty conversation, or none.");
    }
}
