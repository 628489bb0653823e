using System.Runtime.InteropServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;

namespace Thimble.Lab.Training;

/// <summary>Trains heads that look further ahead than a model's own: the model stays as it is, and says once what it makes of the texts.</summary>
/// <remarks>Each head begins as the model's own: a block of zeros, and the model's matrix of tokens.
/// Source: Cai et al., "Medusa", 2024, section 2.2.1 (frozen backbone).</remarks>
internal sealed class MedusaTraining : IDisposable
{
    private const int BatchRows = 256, Seed = 7;

    private readonly Decoder _decoder;
    private readonly StatePool _states;
    private readonly Pass _pass;
    private readonly Tape _tape;
    private readonly Optimiser _optimiser = Optimisers.Named(new());
    private readonly HeadParameters[] _heads;
    private readonly List<float[]> _vectors = [];   // of each row, what the model's own scores were made of
    private readonly List<(int[] Text, int Place)> _rows = [];
    private int _steps;

    /// <summary>Heads at their beginning.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="heads">How many.</param>
    /// <param name="team">Computes.</param>
    /// <exception cref="NotSupportedException">The model scores no tokens by one matrix.</exception>
    public MedusaTraining(Decoder decoder, int heads, Team team)
    {
        if (decoder.Head is not { Output.Parts: [var output] })
            throw new NotSupportedException($"'{decoder.Source}' has no head of one matrix; heads that look further ahead begin as that one.");
        (_decoder, _pass, _tape) = (decoder, new(team), new(team));
        _states = new StatePool(decoder.States, 1 << 16, CellFormat.Named("F16"));
        _heads = [.. Enumerable.Range(0, heads).Select(_ => new HeadParameters(output, _optimiser.Slots))];
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">Its tokens, which fit the model's context.</param>
    public void Read(int[] text)
    {
        using var state = new SequenceState(_states);
        _pass.Clear();
        _pass.Scratch.Reset();
        _pass.Add(state, text, text.Length);
        Matrix vectors = _decoder.Forward(_pass);
        for (int i = 0; i + 2 < text.Length; i++)
        {
            _vectors.Add(vectors[i].ToArray());
            _rows.Add((text, i));
        }
    }

    /// <summary>Goes once through all that was read, in random order.</summary>
    /// <param name="rate">How far a step goes.</param>
    /// <returns>Of each head, its loss and the share of tokens that were its likeliest.</returns>
    public IReadOnlyList<(double Loss, double Right)> Epoch(float rate)
    {
        int[] order = [.. Enumerable.Range(0, _rows.Count)];
        new Random(Seed + _steps).Shuffle(order);
        var sums = new (double Loss, int Right, int Counted)[_heads.Length];
        foreach (int[] part in order.Chunk(BatchRows))
        {
            _steps++;
            for (int head = 0; head < _heads.Length; head++)
            {
                Loss loss = Step(head, part, rate);
                sums[head] = (sums[head].Loss + (loss.Mean * loss.Counted), sums[head].Right + loss.Right, sums[head].Counted + loss.Counted);
            }
        }

        return [.. sums.Select(sum => (sum.Loss / sum.Counted, (double)sum.Right / sum.Counted))];
    }

    /// <summary>Writes the heads as Medusa's code does.</summary>
    /// <param name="path">A safetensors file.</param>
    public void Save(string path) => SafetensorsWriter.Write(path,
    [
        .. _heads.SelectMany((head, number) => (SafetensorsWriter.Entry[])
        [
            Matrix($"{number}.0.linear.weight", head.Block), new($"{number}.0.linear.bias", "F32", [head.Bias.Length], MemoryMarshal.AsBytes(head.Bias.Values).ToArray()),
            Matrix($"{number}.1.weight", head.Output),
        ]),
    ]);

    /// <summary>Frees its memory.</summary>
    public void Dispose()
    {
        foreach (HeadParameters head in _heads)
            head.Dispose();
        _tape.Dispose();
        _pass.Dispose();
        _states.Dispose();
    }

    private Loss Step(int number, int[] rows, float rate)
    {
        HeadParameters head = _heads[number];
        int ahead = number + 2;
        _tape.Clear();
        _tape.Batch = new(new int[rows.Length], [.. rows.Select(row => _rows[row] is var (text, place) && place + ahead < text.Length ? text[place + ahead] : -1)], [(0, rows.Length)]);
        Value x = _tape.Rent(rows.Length, head.Block.Columns, isVaried: false);
        for (int i = 0; i < rows.Length; i++)
            _vectors[rows[i]].CopyTo(x.Result[i]);
        if (_tape.Batch.Counted == 0)
            return default;

        Value y = Sum.Of(_tape, x, Activation.Of(_tape, Nonlinearity.Silu, LinearMap.Of(_tape, x, head.Block, head.Bias)));
        foreach (Parameter parameter in head.All)
            parameter.Gradient.Values.Clear();
        Loss loss = CrossEntropy.Of(_tape, y, new VocabularyHead(head.Output));
        _tape.Pull();
        head.Move(_optimiser, _steps, rate);
        return loss;
    }

    /// <summary>A matrix in halves: every guess reads it.</summary>
    private static SafetensorsWriter.Entry Matrix(string name, Parameter matrix)
    {
        var halves = new Half[matrix.Length];
        for (int i = 0; i < halves.Length; i++)
            halves[i] = (Half)matrix.Values[i];
        return new(name, "F16", [matrix.Rows, matrix.Columns], MemoryMarshal.AsBytes<Half>(halves).ToArray());
    }

    /// <summary>One head's numbers, and what the optimiser remembers of them.</summary>
    private sealed class HeadParameters : IDisposable
    {
        private readonly float[][] _memory;

        public HeadParameters(Weight output, int slots)
        {
            float[] values = new float[output.Rows * output.Columns];
            for (int row = 0; row < output.Rows; row++)
                output.Decode(row, values.AsSpan(row * output.Columns, output.Columns));
            Block = new Parameter("block", new float[output.Columns * output.Columns], output.Columns) { IsTrained = true };
            Bias = new Parameter("bias", new float[output.Columns], output.Columns) { IsTrained = true };
            Output = new Parameter("output", values, output.Columns) { IsTrained = true };
            _memory = [.. All.Select(parameter => new float[slots * parameter.Length])];
        }

        public Parameter Block { get; }

        public Parameter Bias { get; }

        public Parameter Output { get; }

        public Parameter[] All => [Block, Bias, Output];

        public void Move(Optimiser optimiser, int step, float rate)
        {
            foreach ((Parameter parameter, float[] memory) in All.Zip(_memory))
                optimiser.Move(new OptimiserStep(step, rate, 0, parameter.Rows), parameter.Values, parameter.Gradient.Values, memory);
        }

        public void Dispose()
        {
            foreach (Parameter parameter in All)
                parameter.Dispose();
        }
    }
}
