using System.Text.Json;
using System.Text.Json.Serialization;

namespace Thimble.Lab.Evaluate;

/// <summary>Answers as they come, one JSON object a line, so that a run that was cut short can go on.</summary>
internal sealed class Journal : IDisposable
{
    private readonly Dictionary<(string Role, string Suite), Dictionary<string, Answer>> _answers = [];
    private readonly StreamWriter? _file;

    /// <summary>Opens or begins a journal.</summary>
    /// <param name="output">The result's file; null to keep answers in memory only.</param>
    /// <param name="resume">Whether answers of a run that did not end are taken over.</param>
    /// <param name="run">What the run is: model, questions, options. Only answers of the same run are taken over.</param>
    /// <exception cref="ArgumentException">A journal is there and may not be taken over, or belongs to another run.</exception>
    public Journal(string? output, bool resume, string run)
    {
        if (output is null)
            return;

        Path = System.IO.Path.ChangeExtension(output, ".answers.jsonl");
        bool there = File.Exists(Path);
        if (there && !resume && !File.Exists(output))
        {
            throw new ArgumentException(
                $"'{Path}' holds answers of a run that did not end. Go on with it by --resume, or delete it.", nameof(output));
        }

        bool goesOn = there && resume;
        if (goesOn)
            Load(run);
        _file = new StreamWriter(Path, append: goesOn) { AutoFlush = true };
        if (!goesOn)
            Write(new("run", "", run, null, null, null, null));
    }

    /// <summary>The file; null for none.</summary>
    public string? Path { get; }

    /// <summary>The answers of a role, model or reference, in a suite.</summary>
    public IReadOnlyDictionary<string, Answer> Of(string role, string suite) => Kept(role, suite);

    /// <summary>Keeps an answer.</summary>
    public void Add(string role, string suite, Answer answer)
    {
        Kept(role, suite)[answer.Id] = answer;
        Write(new(role, suite, answer.Id, answer.LogLikelihoods, answer.Replies, answer.Review, answer.Fault));
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file?.Dispose();

    private Dictionary<string, Answer> Kept(string role, string suite)
    {
        if (!_answers.TryGetValue((role, suite), out Dictionary<string, Answer>? kept))
            _answers[(role, suite)] = kept = new(StringComparer.Ordinal);
        return kept;
    }

    private void Load(string run)
    {
        int number = 0;
        string[] lines = File.ReadAllLines(Path!);
        foreach (string line in lines)
        {
            number++;
            // The last line may have been cut short with its run.
            if (Parsed(line) is not { } entry)
            {
                if (number == lines.Length)
                    break;
                throw new InvalidDataException($"'{Path}', line {number}: this is no answer. Delete the file to begin anew.");
            }

            if (number == 1 && (entry.Role != "run" || entry.Id != run))
            {
                throw new ArgumentException(
                    $"'{Path}' belongs to another run: it was {entry.Id}; this is {run}. Give another --output, or delete it.", nameof(run));
            }

            if (number > 1)
                Kept(entry.Role, entry.Suite)[entry.Id] = new(entry.Id) { LogLikelihoods = entry.LogLikelihoods, Replies = entry.Replies, Review = entry.Review, Fault = entry.Fault };
        }

        // What a cut left of a last line would spoil the next.
        if (number > 0 && Parsed(lines[^1]) is null)
            File.WriteAllLines(Path!, lines[..^1]);
    }

    private static JournalEntry? Parsed(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, JournalJson.Default.JournalEntry);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Write(JournalEntry entry) => _file?.WriteLine(JsonSerializer.Serialize(entry, JournalJson.Default.JournalEntry));
}

/// <summary>A line of a journal.</summary>
internal sealed record JournalEntry(string Role, string Suite, string Id, double[]? LogLikelihoods, string[]? Replies, string? Review, string? Fault);

/// <summary>How lines are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
