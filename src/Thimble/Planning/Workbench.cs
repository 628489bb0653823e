using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;

namespace Thimble.Planning;

/// <summary>A model run bare, without sampling and taking turns: for measuring it and for comparing its scores.</summary>
/// <remarks>Not for several threads at once.</remarks>
internal sealed class Workbench : IDisposable
{
    private readonly StatePool _states;
    private readonly Dictionary<int, Pass> _passes = [];

    /// <summary>Opens a model's weights.</summary>
    /// <param name="file">The model; it stays open as long as this is used, and is not disposed with it.</param>
    /// <param name="threads">Threads that pack the weights, and compute until <see cref="Threads"/> says otherwise.</param>
    /// <param name="context">The longest sequence that will be run.</param>
    /// <param name="precision">What activations are rounded to.</param>
    /// <param name="packed">Whether weights are packed for speed.</param>
    /// <param name="cache">How keys and values are stored.</param>
    public Workbench(ModelFile file, int threads, int context, Precision precision = Precision.Bytes, bool packed = true, string cache = "F16")
    {
        var packer = new Team(threads);
        _passes.Add(threads, new Pass(packer));
        Threads = threads;
        Decoder = Architectures.Build(new Blueprint(file, new Opening(precision, packed ? packer : null)) { Context = context });
        _states = new StatePool(Decoder.States, long.MaxValue / 2, CellFormat.Named(cache));
    }

    /// <summary>The model.</summary>
    public Decoder Decoder { get; }

    /// <summary>Threads that compute.</summary>
    public int Threads
    {
        get;
        set
        {
            field = value;
            if (!_passes.ContainsKey(value))
                _passes.Add(value, new Pass(new Team(value)));
        }
    }

    /// <summary>Who computes.</summary>
    public Team Team => _passes[Threads].Team;

    /// <summary>Tokens it scores.</summary>
    /// <exception cref="NotSupportedException">It only embeds.</exception>
    public int Vocabulary => Head.Vocabulary;

    /// <summary>Bytes that keys and values of one token take.</summary>
    public long CacheBytesPerToken => _states.BytesPerToken;

    private Head Head => Decoder.Head ?? throw new NotSupportedException($"'{Decoder.Source}' scores no tokens: it only embeds.");

    /// <summary>An empty sequence.</summary>
    public SequenceState CreateSequence() => new(_states);

    /// <summary>Reads tokens of one sequence in one step.</summary>
    /// <param name="sequence">The sequence; it grows by the tokens.</param>
    /// <param name="tokens">At least one.</param>
    /// <param name="wanted">How many of the last tokens' scores are wanted.</param>
    /// <returns>The scores, shape [wanted, vocabulary], valid until the next step.</returns>
    public Matrix Read(SequenceState sequence, ReadOnlySpan<int> tokens, int wanted = 1)
    {
        Pass pass = Begin();
        pass.Add(sequence, tokens, wanted);
        return Finish(pass);
    }

    /// <summary>Reads one token of each sequence in one step.</summary>
    /// <param name="sequences">The sequences, all different.</param>
    /// <param name="tokens">A token for each.</param>
    /// <returns>The scores, shape [sequences, vocabulary], valid until the next step.</returns>
    public Matrix Step(ReadOnlySpan<SequenceState> sequences, ReadOnlySpan<int> tokens)
    {
        Pass pass = Begin();
        for (int i = 0; i < sequences.Length; i++)
            pass.Add(sequences[i], tokens.Slice(i, 1), 1);
        return Finish(pass);
    }

    /// <summary>Frees the weights' memory and ends the threads.</summary>
    public void Dispose()
    {
        _states.Dispose();
        foreach (Weight weight in Decoder.Weights.Append(Decoder.Embedding.Table))
            weight.Dispose();
        foreach (Pass pass in _passes.Values)
        {
            pass.Dispose();
            pass.Team.Dispose();
        }
    }

    private Pass Begin()
    {
        Pass pass = _passes[Threads];
        pass.Clear();
        pass.Scratch.Reset();
        return pass;
    }

    private Matrix Finish(Pass pass)
    {
        Matrix vectors = Decoder.Forward(pass);
        return vectors.Rows == 0 ? vectors : Head.Apply(pass, vectors);
    }
}
