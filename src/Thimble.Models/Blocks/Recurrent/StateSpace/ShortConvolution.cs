using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Models.Blocks;

/// <summary>A causal convolution over the latest few tokens, each channel by itself, which keeps the tokens that the next run needs.</summary>
/// <param name="Weight">The oldest token's first, shape [taps, channels].</param>
/// <param name="Bias">Shape [channels]; null for none.</param>
/// <param name="Channels">Channels.</param>
/// <param name="Function">Applied to the outcome; null for none.</param>
internal sealed record ShortConvolution(float[] Weight, float[]? Bias, int Channels, Nonlinearity? Function)
{
    /// <summary>Tokens that an outcome sees.</summary>
    public int Taps => Weight.Length / Channels;

    /// <summary>Floats that it keeps of a sequence: the latest tokens, oldest first.</summary>
    public int Floats => (Taps - 1) * Channels;

    /// <summary>Runs it.</summary>
    /// <param name="pass">Lends the outcome.</param>
    /// <param name="x">Shape [rows, ≥ column + channels].</param>
    /// <param name="column">Where in a row the channels begin.</param>
    /// <param name="mixer">The mixer whose recurrent state begins with what this keeps.</param>
    /// <returns>Shape [rows, channels].</returns>
    public Matrix Apply(Pass pass, Matrix x, int column, int mixer)
    {
        Matrix y = pass.Scratch.Rent(x.Rows, Channels);
        using Arena.Scope _ = pass.Scratch.Mark();
        foreach (Segment segment in pass.Segments)
        {
            Matrix window = pass.Scratch.Rent(Taps - 1 + segment.Count, Channels);
            Span<float> kept = segment.State.Recurrent(mixer)[..Floats];
            kept.CopyTo(window.Values);
            for (int row = 0; row < segment.Count; row++)
                x[segment.First + row].Slice(column, Channels).CopyTo(window[Taps - 1 + row]);
            window.Values[^Floats..].CopyTo(kept);

            var work = new Work(this, window, y.Part(segment.First, segment.Count));
            if (segment.Count > 4)
                pass.Team.Run(work);
            else
                work.Run(0, 1);
        }

        return y;
    }

    private readonly ref struct Work(ShortConvolution block, Matrix window, Matrix y) : ITeamWork
    {
        private readonly ShortConvolution _block = block;
        private readonly Matrix _window = window, _y = y;

        public void Run(int member, int members)
        {
            (int first, int end) = Shares.Of(_y.Rows, 1, member, members);
            if (first == end)
                return;
            Matrix y = _y.Part(first, end - first);
            Lanes.Best(new Conv1d(_window.Part(first, end - first + _block.Taps - 1), _block.Weight, _block.Bias, y));
            _block.Function?.Apply(y.Values);
        }
    }
}
