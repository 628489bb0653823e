using System.Text.RegularExpressions;
using Thimble.Compute;
using Thimble.Compute.Threads;

namespace Thimble.Lab.Training;

/// <summary>Trains by losses alone: <c>ĝ = (1/q) Σ (L(w + μu) − L(w − μu)) / 2μ · u</c> for random u, in about the memory of inference.</summary>
/// <remarks><para>Directions are functions of a seed and a place (<see cref="CounterNoise"/>), so they are made where they are needed and never kept.
/// Where MeZO adds μu to the weights and takes it off again, which loses bits, matrices here are moved as they are read, in the room of one
/// product; what is kept is the same to the bit, whatever happens. A step is a seed and a slope: eight bytes (<see cref="ReplayLog"/>).</para>
/// <para>Methods are the files of the folder Methods; layer by layer, sparse and hybrid training are options here. Missing:
/// accuracy of all methods on tasks of the paper, which need a larger model (<c>Thimble.Bench zeroth</c> has a small one).</para></remarks>
[Technique("ZO-Bench", "Zhang et al., Revisiting Zeroth-Order Optimization for Memory-Efficient LLM Fine-Tuning, 2024, sections 3 to 5")]
internal sealed class ZoBench : ITrainer
{
    private const int PartRows = 256;   // run together: fewer would cost more time for directions than for products

    private readonly Team _team;
    private readonly Tape _tape;
    private readonly ZerothMethod _method;
    private readonly Trainer? _firstOrder;
    private readonly Parameter[][] _groups;    // what moves together
    private readonly ZerothMove _move;
    private readonly Lazy<double[]> _shares;   // of each parameter, what sparse directions leave alone

    /// <summary>A trainer at its first step.</summary>
    /// <param name="graph">The model; the parameters marked as trained are.</param>
    /// <param name="options">Steps, rate and schedule.</param>
    /// <param name="zeroth">How slopes are found, and what becomes of them.</param>
    /// <param name="seed">Names all directions.</param>
    /// <exception cref="ArgumentException">The method is unknown, or nothing is trained.</exception>
    public ZoBench(Graph graph, TrainerOptions options, ZerothOrderOptions zeroth, int seed)
    {
        zeroth.Require("Zeroth order");
        (Graph, Options, Zeroth, Seed) = (graph, options, zeroth, seed);
        _method = ZerothMethod.Named(zeroth.Method, options.Optimiser);
        Pick(zeroth);
        Trained = [.. graph.Parameters.Where(parameter => parameter.IsTrained).OrderBy(parameter => parameter.Name, StringComparer.Ordinal)];
        Parameter[] first = [.. Trained.Where(parameter => zeroth.FirstOrderLayers > 0 && Layer(parameter) >= graph.Decoder.Layers.Count - zeroth.FirstOrderLayers)];
        Parameter[] moved = [.. Trained.Except(first)];
        if (moved.Length == 0)
            throw new ArgumentException("Nothing of the model is left to train by losses: thaw some parameters, or have fewer layers trained by gradients.", nameof(graph));
        _team = new Team(options.Threads ?? Cores.Best);
        _tape = new Tape(_team);
        _groups = zeroth.ByLayer ? [.. moved.GroupBy(Layer).OrderBy(group => group.Key).Select(group => group.ToArray())] : [moved];
        _shares = new(() => Sparsity.Shares(Trained, zeroth.Sparsity));
        _move = new ZerothMove(_method, moved, _team);
        if (first.Length > 0)
            _firstOrder = Hybrid(graph, options with { Optimiser = options.Optimiser with { Name = "adamw", Rate = zeroth.FirstOrderRate } }, first, moved);
    }

    /// <summary>The model.</summary>
    public Graph Graph { get; }

    /// <summary>Steps, rate and schedule.</summary>
    public TrainerOptions Options { get; }

    /// <summary>How slopes are found.</summary>
    public ZerothOrderOptions Zeroth { get; }

    /// <summary>Names all directions.</summary>
    public int Seed { get; }

    /// <inheritdoc />
    public int Steps { get; private set; }

    /// <inheritdoc />
    public IReadOnlyList<Parameter> Trained { get; }

    /// <summary>Told each seed and slope, in order; null for nobody.</summary>
    public Action<uint, float>? Written { get; set; }

    /// <summary>Entries of a log for each step.</summary>
    public int EntriesPerStep => _groups.Length * Zeroth.Queries;

    /// <inheritdoc />
    public long Bytes => _move.Bytes + _tape.Scratch.HighWater + (_firstOrder?.Bytes ?? 0);

    /// <inheritdoc />
    public TrainingStep Step(IReadOnlyList<Batch> batches)
    {
        float rate = Options.Optimiser.Rate * Options.Schedule.At(Steps + 1, Options.Steps);
        double loss = double.NaN, steepness = 0;
        _shares.Value.AsSpan();   // measured before anything moves, as a replay does
        if (_firstOrder is not null)
            loss = _firstOrder.Step(batches).Loss;
        for (int group = 0; group < _groups.Length; group++)
        {
            var entries = new (uint Seed, float Slope)[Zeroth.Queries];
            for (int query = 0; query < entries.Length; query++)
            {
                uint seed = (uint)(CounterNoise.Mix(((ulong)(uint)Seed << 32) | (uint)((((Steps * _groups.Length) + group) * Zeroth.Queries) + query)) >> 32);
                (float slope, double mean) = Slope(batches, _groups[group], seed);
                entries[query] = (seed, slope);
                loss = double.IsNaN(loss) ? mean : loss;
                steepness += (double)slope * slope / (entries.Length * _groups.Length);
            }

            if (_method.Chooses)
                Choose(batches, _groups[group], entries, rate);
            Take(group, entries, rate);
        }

        Steps++;
        int counted = batches.Sum(batch => batch.Counted);
        return new TrainingStep(Steps, loss, double.NaN, Math.Sqrt(steepness), rate, counted);
    }

    /// <summary>Takes a step that was written down, without a look at any text.</summary>
    /// <param name="entries">Its seeds and slopes.</param>
    public void Replay(ReadOnlySpan<(uint Seed, float Slope)> entries)
    {
        float rate = Options.Optimiser.Rate * Options.Schedule.At(Steps + 1, Options.Steps);
        _shares.Value.AsSpan();
        for (int group = 0; group < _groups.Length; group++)
            Take(group, entries.Slice(group * Zeroth.Queries, Zeroth.Queries), rate);
        Steps++;
    }

    /// <summary>The slope of the loss along a direction, and the loss.</summary>
    /// <exception cref="InvalidDataException">It is no number; nothing has moved.</exception>
    public (float Slope, double Loss) Slope(IReadOnlyList<Batch> batches, IReadOnlyList<Parameter> moved, uint seed)
    {
        double slope, loss;
        if (_method.Pushes)
        {
            (loss, slope) = Pushed(batches, moved, seed);
        }
        else
        {
            double ahead = At(batches, moved, seed, Zeroth.Distance), behind = At(batches, moved, seed, -Zeroth.Distance);
            (slope, loss) = ((ahead - behind) / (2 * Zeroth.Distance), (ahead + behind) / 2);
        }

        return double.IsFinite(slope) && float.IsFinite((float)slope)
            ? ((float)slope, loss)
            : throw new InvalidDataException(
                $"The loss in step {Steps + 1} is {loss} near the model, and its slope {slope}. The model is as it was after step {Steps}; lower the rate or the distance, or look at the texts.");
    }

    /// <summary>The direction of a parameter.</summary>
    public Perturbation Direction(Parameter parameter, uint seed, float scale)
    {
        int index = Place(parameter);
        SparseMask? mask = Zeroth.Sparsity == 0 ? null
            : new SparseMask(new CounterNoise((uint)Seed ^ 0xA5A5A5A5, (uint)((Steps / Zeroth.Resample * Trained.Count) + index)), _shares.Value[index]);
        return new Perturbation(new CounterNoise(seed, (uint)index), scale, mask, _team);
    }

    /// <inheritdoc />
    public Loss Evaluate(IEnumerable<Batch> batches)
    {
        double sum = 0;
        int right = 0, counted = 0;
        foreach (Batch batch in Parts(batches))
        {
            Loss loss = Forward(batch);
            sum += loss.Mean * loss.Counted;
            (right, counted) = (right + loss.Right, counted + loss.Counted);
        }

        return new Loss(counted == 0 ? double.NaN : sum / counted, 0, right, counted);
    }

    /// <inheritdoc />
    public IEnumerable<(string Name, Func<Span<float>> Numbers)> State() => _move.State().Concat(_firstOrder?.State() ?? []);

    /// <inheritdoc />
    public void Resume(int steps)
    {
        Steps = steps;
        _firstOrder?.Resume(steps);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _firstOrder?.Dispose();
        _move.Dispose();
        _tape.Dispose();
        _team.Dispose();
    }

    private int Place(Parameter parameter)
    {
        for (int i = 0; i < Trained.Count; i++)
        {
            if (ReferenceEquals(Trained[i], parameter))
                return i;
        }

        throw new ArgumentException($"'{parameter.Name}' is not trained.", nameof(parameter));
    }

    private void Take(int group, ReadOnlySpan<(uint Seed, float Slope)> entries, float rate)
    {
        foreach ((uint seed, float slope) in entries)
            Written?.Invoke(seed, slope);
        (uint Seed, float Slope)[] all = entries.ToArray();
        foreach (Parameter parameter in _groups[group])
            _move.Run(parameter, [.. all.Select(entry => (Direction(parameter, entry.Seed, 1), entry.Slope / all.Length))], new OptimiserStep(Steps + 1, rate, 0, parameter.Rows));
    }

    /// <summary>Turns a step round, or makes it none, where that has less loss.</summary>
    private void Choose(IReadOnlyList<Batch> batches, IReadOnlyList<Parameter> moved, (uint Seed, float Slope)[] entries, float rate)
    {
        double here = Mean(batches), ahead = Tried(-rate), back = Tried(rate);
        float sign = ahead <= here && ahead <= back ? 1 : back < here ? -1 : 0;
        for (int i = 0; i < entries.Length; i++)
            entries[i].Slope *= sign;

        double Tried(float along)
        {
            // The step of all queries, as one direction after the other in the room of a copy.
            foreach (Parameter parameter in moved)
                parameter.Perturb(Sums(parameter, along));
            try
            {
                return Mean(batches);
            }
            finally
            {
                foreach (Parameter parameter in moved)
                    parameter.Perturb(null);
            }
        }

        Perturbation Sums(Parameter parameter, float along)
        {
            Perturbation? sum = null;
            foreach ((uint seed, float slope) in entries)
                sum = Direction(parameter, seed, along * slope / entries.Length) with { Next = sum };
            return sum!;
        }
    }

    private double At(IReadOnlyList<Batch> batches, IReadOnlyList<Parameter> moved, uint seed, float distance)
    {
        try
        {
            foreach (Parameter parameter in moved)
                parameter.Perturb(Direction(parameter, seed, distance));
            return Mean(batches);
        }
        finally
        {
            foreach (Parameter parameter in moved)
                parameter.Perturb(null);
        }
    }

    private (double Loss, double Slope) Pushed(IReadOnlyList<Batch> batches, IReadOnlyList<Parameter> moved, uint seed)
    {
        double loss = 0, slope = 0;
        int counted = batches.Sum(batch => batch.Counted);
        try
        {
            foreach (Parameter parameter in moved)
                parameter.Aim(Direction(parameter, seed, 1));
            _tape.Pushes = true;
            foreach (Batch batch in Parts(batches))
            {
                Loss part = Forward(batch);
                (loss, slope) = (loss + (part.Mean * part.Counted / counted), slope + (part.Tangent * part.Counted / counted));
            }
        }
        finally
        {
            _tape.Pushes = false;
            foreach (Parameter parameter in moved)
                parameter.Aim(null);
        }

        return (loss, slope);
    }

    /// <summary>Batches of few rows, whose activations are small beside the weights.</summary>
    private static IEnumerable<Batch> Parts(IEnumerable<Batch> batches) => batches.SelectMany(batch => batch.Split(PartRows)).Where(part => part.Counted > 0);

    private double Mean(IReadOnlyList<Batch> batches) => Evaluate(batches).Mean;

    private Loss Forward(Batch batch)
    {
        _tape.Clear();
        (_tape.Batch, _tape.Pulls, _tape.Learns) = (batch, false, false);
        return CrossEntropy.Of(_tape, Graph.Vectors(_tape), Graph.Head());
    }

    private void Pick(ZerothOrderOptions zeroth)
    {
        if (zeroth.Targets is null)
            return;
        var targets = new Regex(zeroth.Targets, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        foreach (Parameter parameter in Graph.Parameters.Where(parameter => parameter.IsTrained))
            parameter.IsTrained = targets.IsMatch(parameter.Name);
    }

    /// <summary>A trainer of the last layers, which marks them as trained only while it pulls.</summary>
    private static Trainer Hybrid(Graph graph, TrainerOptions options, Parameter[] first, Parameter[] moved)
    {
        foreach (Parameter parameter in moved)
            parameter.IsTrained = false;
        graph.Still = first.Min(Layer);
        return new Trainer(graph, options);
    }

    /// <summary>The layer that a parameter is of; −1 for what stands before layers, and the highest number for what stands behind.</summary>
    private static int Layer(Parameter parameter) => parameter.Name.Split('.') switch
    {
        ["blk", var number, ..] => int.Parse(number, System.Globalization.CultureInfo.InvariantCulture),
        ["prefix" or "prefix_encoder", ..] => -1,
        _ => parameter.Name.StartsWith("output", StringComparison.Ordinal) ? int.MaxValue : -1,
    };
}
