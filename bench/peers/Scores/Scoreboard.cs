using Thimble.Models.Files;
using Thimble.Peers.Engines;
using Thimble.Peers.Files;

namespace Thimble.Peers.Scores;

/// <summary>Both engines on the same files, in turns: A B A B.</summary>
internal sealed class Scoreboard(ScoreOptions options) : IDisposable
{
    private const int Chunk = 512;

    private readonly Limit _limit = new(options.Clock);
    private readonly List<Score> _scores = [];

    /// <summary>Measures all that is asked for, printing row by row.</summary>
    public void Run()
    {
        Console.WriteLine("llama.cpp: prebuilt for this processor, flash attention automatic (on), keys and values F16, a thread pool kept as llama-bench does.");
        Console.WriteLine("A step computes the scores of its tokens, or of the prompt's last, and samples nothing; ± is half the range of the repetitions.");
        Console.WriteLine();
        Console.WriteLine(Score.Header);
        foreach (string model in options.Models)
        {
            foreach (string format in options.Formats)
                Run(KnownShape.Named(model), format);
        }

        Summarise();
    }

    public void Dispose() => _limit.Dispose();

    private void Run(KnownShape shape, string format)
    {
        string path = RandomModel.Find(shape, format, options.Folder);
        Work[] works = [.. options.Works.Select(name => Work.Names[name])];
        int batch = works.Max(work => work.Batch), depth = works.Max(work => work.Depth);
        var lengths = new Lengths(
            Math.Max(depth, Chunk) + options.Tokens + (2 * Work.Warm), batch > 1 ? batch : 0, options.Tokens + (2 * Work.Warm), Chunk);

        using var file = ModelFile.Open(path);
        using var ours = new ThimbleEngine(path, options.Threads.Max(), lengths);
        using var theirs = new LlamaEngine(path, lengths);
        if (ours.Vocabulary != theirs.Vocabulary)
            throw new InvalidDataException($"'{path}': Thimble scores {ours.Vocabulary} tokens and llama.cpp {theirs.Vocabulary}.");

        foreach (int threads in options.Threads)
            _limit.Measure(threads);
        foreach (Work work in works)
        {
            int[] ids = Ids(Math.Max(work.Depth, Chunk) + options.Tokens, shape.Vocabulary);
            foreach (IEngine engine in (IEngine[])[ours, theirs])
                Deepen(engine, work.Depth, ids);
            foreach (int threads in options.Threads)
            {
                (Score score, double read) = Pairs(work, threads, ids, ours, theirs);
                score = score with { Model = shape.Name, Format = format, Limit = _limit.Tokens(file, CacheBytes(shape), work, threads, read) };
                _scores.Add(score);
                Console.WriteLine(score);
            }
        }
    }

    /// <summary>Reads tokens, as fast as it goes, so that what follows is measured behind them.</summary>
    private void Deepen(IEngine engine, int depth, int[] ids)
    {
        engine.Threads = options.Threads.Max();
        engine.Cut(0);
        for (int at = 0; at < depth; at += Chunk)
            engine.Read(ids.AsSpan(at, Math.Min(Chunk, depth - at)));
    }

    private (Score Score, double Read) Pairs(Work work, int threads, int[] ids, ThimbleEngine ours, LlamaEngine theirs)
    {
        double[] a = new double[options.Repetitions], b = new double[options.Repetitions], reads = new double[options.Repetitions];
        (ours.Threads, theirs.Threads) = (threads, threads);
        double disturbance = 0;
        for (int i = 0; i < options.Repetitions; i++)
        {
            Disturbance.Await(options.Patience);
            var watch = new Disturbance();
            a[i] = work.Time(ours, ids, options.Tokens, options.Clock);
            reads[i] = _limit.Read(threads);
            Thread.Sleep(100);
            b[i] = work.Time(theirs, ids, options.Tokens, options.Clock);
            disturbance = Math.Max(disturbance, watch.Share);
        }

        Array.Sort(reads);
        return (new("", "", work.Title(options.Tokens), threads, a, b, 0, disturbance), reads[reads.Length / 2]);
    }

    private void Summarise()
    {
        Console.WriteLine();
        foreach (int threads in options.Threads)
            Console.WriteLine(_limit.Text(threads));
        Score[] behind = [.. _scores.Where(score => score.Ratio < 1).OrderBy(score => score.Ratio)];
        Console.WriteLine($"{_scores.Count - behind.Length} of {_scores.Count} at or above llama.cpp; behind, worst first:");
        foreach (Score score in behind)
            Console.WriteLine($"  {score.Ratio:F2}  {score.Model} {score.Format} {score.Title}, {score.Threads} threads");
    }

    private static long CacheBytes(KnownShape shape) => 2L * shape.Layers * shape.KeyHeads * shape.HeadSize * 2;

    private static int[] Ids(int count, int vocabulary)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
    }
}
