using System.Globalization;
using System.Text.Json;

namespace Thimble.Lab.Evaluate;

/// <summary>Says how good an answer is where no rule can.</summary>
internal interface IJudge
{
    /// <summary>Judges.</summary>
    /// <param name="id">The suite and question, as in <c>mt-bench/81</c>.</param>
    /// <param name="prompt">What the judge is asked.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What the judge said; null for nothing.</returns>
    Task<string?> JudgeAsync(string id, string prompt, CancellationToken cancellation);
}

/// <summary>A model that judges.</summary>
internal sealed class ModelJudge(Model model) : IJudge, IDisposable
{
    private const int LongestVerdict = 512;

    public async Task<string?> JudgeAsync(string id, string prompt, CancellationToken cancellation)
    {
        var exercise = new Exercise(id, "", [prompt], "", LongestVerdict);
        Answer answer = await new Writer(model).WriteAsync(exercise, cancellation).ConfigureAwait(false);
        return answer.Replies?[0];
    }

    public void Dispose() => model.Dispose();
}

/// <summary>What a judge said before, kept in a file: one object a line with <c>id</c>, such as <c>mt-bench/81</c>, and <c>text</c>.</summary>
internal sealed class RecordedJudge : IJudge
{
    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">A line holds no judgement.</exception>
    public RecordedJudge(string path)
    {
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (line.Length > 0 && Parsed(line) is not (null, null) and var (id, text))
                _said[id ?? throw Broken(path, number, "id")] = text ?? throw Broken(path, number, "text");
        }
    }

    public Task<string?> JudgeAsync(string id, string prompt, CancellationToken cancellation) => Task.FromResult(_said.GetValueOrDefault(id));

    private static (string? Id, string? Text) Parsed(string line)
    {
        using var document = JsonDocument.Parse(line);
        return (Field(document.RootElement, "id"), Field(document.RootElement, "text"));
    }

    private static string? Field(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static InvalidDataException Broken(string path, int line, string field) =>
        new(string.Create(CultureInfo.InvariantCulture, $"'{path}', line {line}: the text '{field}' is missing; a judgement has 'id' and 'text'."));
}
