using Thimble.Compute.Memory;
using Thimble.Peers;
using Thimble.Peers.Engines;
using Thimble.Peers.Files;
using Thimble.Peers.Native;
using Thimble.Peers.Scores;

try
{
    string library = Environment.GetEnvironmentVariable("THIMBLE_PEERS_LIBRARY")
        ?? Path.Combine(AppContext.BaseDirectory, "../../../peers/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64");
    switch (args)
    {
        case ["--help" or "-h", ..]:
            Console.WriteLine(ScoreOptions.Usage);
            break;
        case ["generate", .. var rest]:
            var made = ScoreOptions.Read(rest);
            foreach (string model in made.Models)
            {
                foreach (string format in made.Formats)
                    Console.WriteLine(RandomModel.Find(KnownShape.Named(model), format, made.Folder));
            }

            break;
        case ["compare", var path, .. var rest]:
            LlamaLibrary.Load(library);
            Compare(path, ScoreOptions.Read(rest));
            break;
        default:
            var options = ScoreOptions.Read(args);
            LlamaLibrary.Load(library);
            using (var board = new Scoreboard(options))
                board.Run();
            break;
    }

    return 0;
}
catch (Exception fault) when (fault is ArgumentException or IOException or InvalidDataException or NotSupportedException)
{
    Console.Error.WriteLine($"error: {fault.Message}");
    return fault is ArgumentException ? 2 : 1;
}

static void Compare(string path, ScoreOptions options)
{
    const int chunk = 64;
    var lengths = new Lengths(options.Tokens, 0, 0, chunk);
    using var theirs = new LlamaEngine(path, lengths) { Threads = options.Threads.Max() };
    var random = new Random(7);
    int[] ids = [.. Enumerable.Range(0, options.Tokens).Select(_ => random.Next(theirs.Vocabulary))];
    foreach (Precision precision in options.Exact ? (Precision[])[Precision.Floats] : [Precision.Floats, Precision.Bytes])
    {
        using var ours = new ThimbleEngine(path, options.Threads.Max(), lengths, precision);
        Console.WriteLine($"{ours.Name} against llama.cpp, {Comparison.Of(ours, theirs, ids, chunk)}");
    }
}
