using System.Globalization;
using Thimble.Peers.Files;

namespace Thimble.Peers.Scores;

/// <summary>What is measured.</summary>
internal sealed record ScoreOptions
{
    /// <summary>How the command is used.</summary>
    public const string Usage = """
        usage: bench/peers/run [--models A,B] [--formats A,B] [--threads 1,2] [--works A,B] [--repetitions N] [--tokens N] [--patience SECONDS] [--all]
               bench/peers/run --processor-time …    one thread, by the processor's clock: for a machine that is not quiet
               bench/peers/run compare MODEL.gguf [--tokens N] [--threads N] [--exact]
               bench/peers/run generate [--models A,B] [--formats A,B]
        """;

    /// <summary>Shapes, by name or its beginning.</summary>
    public IReadOnlyList<string> Models { get; private init; } = ["SmolLM2-135M"];

    /// <summary>Mixes of formats.</summary>
    public IReadOnlyList<string> Formats { get; private init; } = ["Q4_0", "Q8_0", "Q4_K_M"];

    /// <summary>Works, by name.</summary>
    public IReadOnlyList<string> Works { get; private init; } = [.. Work.Names.Keys];

    /// <summary>Thread counts.</summary>
    public IReadOnlyList<int> Threads { get; private init; } = [1, 2];

    /// <summary>Pairs measured of each.</summary>
    public int Repetitions { get; private init; } = 3;

    /// <summary>Tokens of each sequence, where no prompt is read.</summary>
    public int Tokens { get; private init; } = 32;

    /// <summary>How long a quiet machine is waited for, before each pair.</summary>
    public TimeSpan Patience { get; private init; } = TimeSpan.FromSeconds(3);

    /// <summary>Tells the seconds.</summary>
    public Func<double> Clock { get; private init; } = Clocks.Wall;

    /// <summary>Whether Thimble's activations stay floats, where engines are compared.</summary>
    public bool Exact { get; private init; }

    /// <summary>Where models are written.</summary>
    public string Folder { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../peers/models"));

    /// <summary>Reads a command line.</summary>
    /// <exception cref="ArgumentException">A word of it is unknown.</exception>
    public static ScoreOptions Read(ReadOnlySpan<string> words)
    {
        ScoreOptions options = new();
        for (int i = 0; i < words.Length; i++)
        {
            options = words[i] switch
            {
                "--all" => options with { Models = [.. KnownShape.All.Select(shape => shape.Name)], Formats = RandomModel.Formats, Tokens = 128, Repetitions = 5 },
                "--processor-time" => options with { Clock = Clocks.Processor, Threads = [1], Patience = TimeSpan.Zero },
                "--exact" => options with { Exact = true },
                "--models" => options with { Models = [.. List(words, ++i).Select(name => KnownShape.Named(name).Name)] },
                "--formats" => options with { Formats = Known(List(words, ++i), RandomModel.Formats, "Format") },
                "--works" => options with { Works = Known(List(words, ++i), Work.Names.Keys, "Work") },
                "--threads" => options with { Threads = [.. List(words, ++i).Select(Number)] },
                "--repetitions" or "-r" => options with { Repetitions = Number(List(words, ++i)[0]) },
                "--tokens" or "-n" => options with { Tokens = Number(List(words, ++i)[0]) },
                "--patience" => options with { Patience = TimeSpan.FromSeconds(Number(List(words, ++i)[0])) },
                var word => throw new ArgumentException($"'{word}' is unknown.\n{Usage}"),
            };
        }

        return options;
    }

    private static string[] List(ReadOnlySpan<string> words, int at) => at < words.Length
        ? words[at].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } list ? list : throw new ArgumentException($"'{words[at - 1]}' wants a value.\n{Usage}")
        : throw new ArgumentException($"'{words[at - 1]}' wants a value.\n{Usage}");

    private static string[] Known(string[] list, IEnumerable<string> known, string kind) =>
    [
        .. list.Select(name => known.FirstOrDefault(other => other.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"{kind} '{name}' is unknown; known: {string.Join(", ", known)}.")),
    ];

    private static int Number(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
        ? number
        : throw new ArgumentException($"'{word}' is no number of at least 1.");
}
