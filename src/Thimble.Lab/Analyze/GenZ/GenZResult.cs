using Thimble.Models.Blocks;
using Thimble.Planning;

namespace Thimble.Lab.Analyze;

/// <summary>What a step takes on a platform.</summary>
/// <param name="Times">Its operations.</param>
internal sealed record GenZResult(IReadOnlyList<OperationTime> Times)
{
    private const double Static = 0.3, Compute = 0.4, Memories = 0.2, Network = 0.1;   // of the power

    /// <summary>Seconds of the step.</summary>
    public double Seconds => Times.Sum(time => time.Total);

    /// <summary>Sequences, or tokens, a second.</summary>
    public double PerSecond { get; init; }

    /// <summary>Bytes of weights on a node.</summary>
    public double WeightBytes { get; init; }

    /// <summary>Bytes of keys and values on a node.</summary>
    public double CacheBytes { get; init; }

    /// <summary>Both.</summary>
    public double Memory => WeightBytes + CacheBytes;

    /// <summary>Whether some of it lies outside the node's memory.</summary>
    public bool Offloads { get; init; }

    /// <summary>Watts of a node at full load; 0 where unknown.</summary>
    public double Watts { get; init; }

    /// <summary>Joules of the step: three tenths of the power all the time, the rest as its parts are used.</summary>
    public double Joules => Watts * Times.Where(time => time.Seconds > 0).Sum(time => time.Total * (Static
        + (Compute * time.ComputeSeconds / time.Seconds) + (Memories * time.MemorySeconds / time.Seconds) + (Network * time.MessageSeconds / time.Seconds)));

    /// <summary>Multiplications and additions of the step.</summary>
    public double Operations => Times.Sum(time => time.Operation.Operations * time.Operation.Times);

    /// <summary>Time by part: embedding, attention, feed-forward, exchange.</summary>
    public IReadOnlyDictionary<string, double> Breakdown
    {
        get
        {
            Dictionary<string, double> parts = [];
            foreach (OperationTime time in Times)
            {
                foreach (string part in Parts(time.Operation))
                    parts[part] = parts.GetValueOrDefault(part) + time.Total;
            }

            return parts;
        }
    }

    private static IEnumerable<string> Parts(Operation operation)
    {
        if (operation.Collective is not null)
            yield return "Collective";
        switch (operation.Name)
        {
            case "embeddings" or "classifier" or "Emb_AR" or "classifier_AG":
                yield return "Embedding";
                break;
            case "QKV" or "Out Proj":
                yield return "MHA";
                yield return "QKVO_layers";
                break;
            case "Gate" or "up+gate" or "down":
                yield return "FFN";
                yield return "FFN_layers";
                break;
            case "MHA AR" or "Seq A2A":
                yield return "MHA";
                break;
            case "Gate AR" or "FFN AR" or "Dispatch A2A" or "Collect A2A":
                yield return "FFN";
                break;
            case "Message Pass":
                yield return "Send_Recv_time";
                break;
            default:
                if (operation.Kernel == Operation.Attention)
                {
                    yield return "MHA";
                    yield return "LA_layers";
                }
                else
                {
                    yield return "Mamba_time";
                }

                break;
        }

        if (operation.Collective?.Pattern is Collectives.AllReduce or Collectives.AllGather)
            yield return "AR_time";
        else if (operation.Collective?.Pattern == Collectives.AllToAll)
            yield return "A2A_time";
    }
}
