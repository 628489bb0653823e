using System.Buffers;
using System.Numerics.Tensors;

namespace Thimble.Lab.Training;

/// <summary>Learns what a teacher would say of each token, beside the token itself: <c>share · τ² · D(teacher, student) + (1 − share) · cross entropy</c>.</summary>
/// <remarks>Both distributions are softened by the temperature τ; its square keeps gradients as large as the tokens' own
/// (Hinton et al., 2015, section 2). With <c>on-policy</c> the student learns on texts of its own, which is where it will make its mistakes
/// (Agarwal et al., "On-Policy Distillation of Language Models", 2024, section 3).</remarks>
internal sealed class Distillation : Objective, IRowLoss, IDisposable
{
    private readonly Teacher _teacher;
    private readonly DistillationOptions _options;
    private readonly IDivergence _divergence;
    private readonly OnPolicy? _policy;
    private int[] _targets = [];
    private float _each;

    /// <summary>Prepares it.</summary>
    /// <param name="teacher">Who is learnt from; freed with this.</param>
    /// <param name="options">How.</param>
    /// <param name="policy">Writes the student's own texts; null where given texts are learnt from.</param>
    public Distillation(Teacher teacher, DistillationOptions options, OnPolicy? policy)
    {
        (_teacher, _options, _policy) = (teacher, options, policy);
        _divergence = Divergences.Named(options.Divergence, options.Skew);
    }

    /// <inheritdoc />
    public override Batch Prepare(Tape tape, Graph graph, Batch batch, int step) => _policy?.Write(tape, graph, batch, step) ?? batch;

    /// <inheritdoc />
    public override Loss Of(Tape tape, Graph graph, float share)
    {
        _teacher.Read(tape);
        _targets = tape.Batch.Targets;
        _each = 1f / tape.Batch.Counted;
        return HeadLoss.Of(tape, graph.Vectors(tape), graph.Head(), this, tape.Batch.Counted, share);
    }

    /// <inheritdoc />
    public void Prepare(int first, int count) => _teacher.Prepare(first, count);

    /// <inheritdoc />
    public (double Loss, bool Right) Of(int row, int place, Span<float> logits)
    {
        int target = _targets[row];
        if (target < 0)
        {
            logits.Clear();
            return (0, false);
        }

        bool right = TensorPrimitives.IndexOfMax<float>(logits) == target;
        ReadOnlySpan<float> taught = _teacher.Logits(row, place);
        return (Slope(logits, taught, target) * _each, right);
    }

    /// <inheritdoc />
    public void Dispose() => _teacher.Dispose();

    private double Slope(Span<float> logits, ReadOnlySpan<float> taught, int target)
    {
        int count = logits.Length;
        float[] room = ArrayPool<float>.Shared.Rent(4 * count);
        Span<float> p = room.AsSpan(0, count), q = room.AsSpan(count, count), slopes = room.AsSpan(2 * count, count), own = room.AsSpan(3 * count, count);
        double loss = 0;
        own.Clear();
        float share = taught.IsEmpty ? 0 : _options.Share;   // no token of the teacher's begins here
        if (share < 1)
        {
            TensorPrimitives.SoftMax(logits, own);
            loss = (1 - share) * -Math.Log(Math.Max(own[target], Divergences.Least));
            own[target] -= 1;
            TensorPrimitives.Multiply(own, (1 - share) * _each, own);
        }

        if (share > 0)
        {
            float heat = _options.Temperature;
            TensorPrimitives.Divide(logits, heat, q);
            TensorPrimitives.SoftMax(q, q);
            _teacher.Soften(taught, heat, p);
            loss += share * heat * heat * _divergence.Of(p, q, slopes);
            float mean = TensorPrimitives.Dot<float>(q, slopes);
            for (int i = 0; i < count; i++)
                own[i] += share * heat * _each * q[i] * (slopes[i] - mean);
        }

        own.CopyTo(logits);
        ArrayPool<float>.Shared.Return(room);
        return loss;
    }
}
