using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>Mamba's mixer: a short convolution, then a state space whose steps Δ and directions B and C each token chooses, then a gate.</summary>
/// <remarks>Source: Gu and Dao, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", 2023, section 3.4; norms as in
/// Lieber et al., "Jamba", 2024, section 6.4.</remarks>
/// <param name="Input">To the channels and their gates, side by side.</param>
/// <param name="Convolution">Over the latest tokens.</param>
/// <param name="Choice">From channels to a short vector for Δ, B and C, side by side.</param>
/// <param name="Step">From that short vector to each channel's Δ.</param>
/// <param name="Decay">A, in the scan's tiles.</param>
/// <param name="Skip">D, shape [channels].</param>
/// <param name="Output">Back to features.</param>
internal sealed record SelectiveStateSpace(
    Linear Input, ShortConvolution Convolution, Linear Choice, Linear Step, float[] Decay, float[] Skip, Linear Output) : Mixer
{
    /// <summary>Normalise what Δ, B and C are made of; null for none.</summary>
    public (Norm Step, Norm B, Norm C)? Norms { get; init; }

    private int Channels => Skip.Length;

    private int States => Decay.Length / Channels;

    /// <inheritdoc />
    public override int Outputs => Output.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Input.Weights, .. Choice.Weights, .. Step.Weights, .. Output.Weights];

    /// <inheritdoc />
    public override StateShape State => StateShape.Recurrent(Convolution.Floats + Decay.Length);

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix all = Input.Of(pass, x), mixed = Convolution.Apply(pass, all, 0, Number), choice = Choice.Of(pass, mixed);
        int rank = Step.Inputs;
        for (int row = 0; Norms is { } norms && row < x.Rows; row++)
        {
            norms.Step.ApplyToParts(choice[row][..rank], rank);
            norms.B.ApplyToParts(choice[row].Slice(rank, States), States);
            norms.C.ApplyToParts(choice[row][(rank + States)..], States);
        }

        Matrix steps = Step.Of(pass, pass.Columns(choice, 0, rank)), scanned = pass.Scratch.Rent(x.Rows, Channels);
        pass.Team.Run(new Work(this, pass, all, mixed, choice, steps, scanned));
        Output.Apply(pass, scanned, y);
    }

    private readonly ref struct Work(SelectiveStateSpace block, Pass pass, Matrix all, Matrix mixed, Matrix choice, Matrix steps, Matrix y) : ITeamWork
    {
        private readonly SelectiveStateSpace _block = block;
        private readonly Pass _pass = pass;
        private readonly Matrix _all = all, _mixed = mixed, _choice = choice, _steps = steps, _y = y;

        public void Run(int member, int members)
        {
            (int first, int end) = Shares.Of(_block.Channels, SelectiveScan.Tile, member, members);
            if (first == end)
                return;
            foreach (Segment segment in _pass.Segments)
                Scan(segment, first, end);
        }

        private void Scan(Segment segment, int first, int end)
        {
            for (int row = segment.First; row < segment.First + segment.Count; row++)
                Lanes.Best(new Map<Softplus>(_steps[row][first..end], _steps[row][first..end]));
            int rank = _block.Step.Inputs;
            Lanes.Best(new SelectiveScan
            {
                Input = _mixed.Part(segment.First, segment.Count),
                Steps = _steps.Part(segment.First, segment.Count),
                Mixes = _choice.Part(segment.First, segment.Count),
                Columns = (rank, rank + _block.States),
                Decay = _block.Decay,
                Skip = _block.Skip,
                State = segment.State.Recurrent(_block.Number)[_block.Convolution.Floats..],
                Output = _y.Part(segment.First, segment.Count),
                Channels = (first, end),
            });
            for (int row = segment.First; row < segment.First + segment.Count; row++)
                Lanes.Best(new Gate<Silu>(_all[row][(_block.Channels + first)..(_block.Channels + end)], _y[row][first..end], _y[row][first..end]));
        }
    }
}
