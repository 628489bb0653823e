using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Files;

namespace Thimble.Peers.Scores;

/// <summary>What the machine could do at best, measured beside the works, and what a model asks of it.</summary>
/// <param name="clock">Tells the seconds, as for the works.</param>
internal sealed class Limit(Func<double> clock) : IDisposable
{
    private readonly Allocation _memory = new(256L << 20);   // many times the last cache
    private readonly Dictionary<int, (double Read, double Bytes, double Floats)> _best = [];

    /// <summary>Measures once more; the best so far counts.</summary>
    public void Measure(int threads)
    {
        using var team = new Team(threads);
        (double read, double bytes, double floats) = _best.GetValueOrDefault(threads);
        _best[threads] = (
            Math.Max(read, Ceilings.Read(team, _memory, 16, clock)),
            Math.Max(bytes, Ceilings.Bytes(team, 30, clock)),
            Math.Max(floats, Ceilings.Floats(team, 30, clock)));
    }

    /// <summary>Bytes a second that are read just now: other guests of a machine's memory come and go within minutes.</summary>
    public double Read(int threads)
    {
        using var team = new Team(threads);
        return Ceilings.Read(team, _memory, 4, clock);
    }

    /// <summary>Tokens a second that the machine allows: weights and cache are read once a step, and every weight meets every token.</summary>
    /// <param name="file">The model, its head tied to its embedding.</param>
    /// <param name="cacheBytes">Bytes of keys and values of a token.</param>
    /// <param name="work">The work.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="read">Bytes a second that are read.</param>
    /// <remarks>Attention's own multiply-adds are left out; at 4,096 tokens they are a few in a hundred.</remarks>
    public double Tokens(ModelFile file, long cacheBytes, Work work, int threads, double read)
    {
        (_, double bytes, double floats) = _best[threads];
        StoredTensor[] matrices = [.. file.Tensors.Where(tensor => tensor.Shape.Count > 1)];
        double head = matrices.Where(tensor => tensor.Name == "token_embd.weight").Sum(Count);
        double body = matrices.Sum(Count) - head;
        bool isFloat = matrices.Any(tensor => tensor.Name == "blk.0.ffn_up.weight" && tensor.Format is "F16" or "BF16" or "F32");
        int tokens = work.Prompt > 0 ? work.Prompt : work.Batch;
        double multiplyAdds = (body * tokens) + (head * (work.Prompt > 0 ? 1 : tokens));
        double moved = file.Tensors.Sum(tensor => (double)tensor.Length) + ((double)cacheBytes * work.Depth);
        return tokens / Math.Max(moved / read, multiplyAdds / (isFloat ? floats : bytes));
    }

    /// <summary>The measured figures of a thread count.</summary>
    public string Text(int threads)
    {
        (double read, double bytes, double floats) = _best[threads];
        return $"{threads} thread{(threads == 1 ? "" : "s")}: reads {read / 1e9:F1} GB/s, multiply-adds of bytes {bytes / 1e9:F0} G/s, of floats {floats / 1e9:F0} G/s";
    }

    public void Dispose() => _memory.Dispose();

    private static double Count(StoredTensor tensor) => (double)tensor.Rows * tensor.Columns;
}
