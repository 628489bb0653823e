using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>A matrix or vector of a model: numbers that training may change, or a frozen weight in any format.</summary>
/// <remarks>What can be trained lies in memory that the model's own blocks read, so a step is seen at once by inference.</remarks>
internal sealed class Parameter : IDisposable
{
    private readonly Weight? _weight;
    private readonly float[]? _vector;
    private readonly Lock _making = new();
    private Allocation? _gradient, _tangent;
    private Perturbation? _perturbed, _aim;
    private float[] _kept = [];         // values as they are, while perturbed ones stand in their place
    private volatile bool _stands;      // whether they do
    private volatile bool _aimed;       // whether the direction's numbers are there

    /// <summary>A weight of a model.</summary>
    public Parameter(Weight weight) => (Name, Rows, Columns, _weight) = (weight.Name, weight.Rows, weight.Columns, weight);

    /// <summary>A small tensor of a model, or numbers that only training knows.</summary>
    public Parameter(string name, float[] values, int columns) =>
        (Name, Rows, Columns, _vector) = (name, values.Length / columns, columns, values);

    /// <summary>Its name, as GGUF names it.</summary>
    public string Name { get; }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns.</summary>
    public int Columns { get; }

    /// <summary>Values.</summary>
    public int Length => Rows * Columns;

    /// <summary>Whether training may change it: its values are 32-bit floats.</summary>
    public bool IsFloat => _vector is not null || _weight!.Format.Name == "F32";

    /// <summary>Whether training changes it.</summary>
    public bool IsTrained
    {
        get;
        set
        {
            if (value && !IsFloat)
                throw new NotSupportedException($"'{Name}' is stored as {_weight!.Format.Name}; only F32 can be trained. Freeze it, or convert the model to F32 first.");
            field = value;
        }
    }

    /// <summary>Its values, to be read and written. Only where <see cref="IsFloat"/>.</summary>
    public Span<float> Values
    {
        get
        {
            if (_perturbed is not null && !_stands)
                Stand();
            return Raw;
        }
    }

    /// <summary>Whether what is read is moved away from what is kept.</summary>
    public bool IsMoved => _perturbed is not null && !_stands;

    private Span<float> Raw => _vector ?? _weight!.Changeable();

    /// <summary>The gradient of the loss, summed over what was pulled since it was cleared, shape [rows, columns].</summary>
    public Matrix Gradient => new(Extra(ref _gradient), Columns);

    /// <summary>The direction in which a tape with tangents moves it, shape [rows, columns]; zeros until they are set.</summary>
    public Matrix Tangent
    {
        get
        {
            if (_aim is not null && !_aimed)
                Point();
            return new(Extra(ref _tangent), Columns);
        }
    }

    /// <summary>Whether a direction has been set.</summary>
    public bool HasTangent => _tangent is not null || _aim is not null;

    /// <summary>Bytes of gradient and direction.</summary>
    public long ExtraBytes => (_gradient?.Length ?? 0) + (_tangent?.Length ?? 0);

    /// <summary>Moves what is read of it, until it is called with null; what is kept stays as it is, to the bit.</summary>
    /// <remarks>Matrices of a model are moved as they are read, in the room of a product. Small ones, and those that someone asks for
    /// in place, are moved in place and copied back.</remarks>
    /// <param name="by">How; null for not at all.</param>
    public void Perturb(Perturbation? by)
    {
        if (_stands)
            _kept.CopyTo(Raw);
        (_stands, _perturbed) = (false, by);
        if (by is not null && _vector is not null)
            Stand();
    }

    /// <summary>Gives it a direction that is made as it is read, until it is called with null.</summary>
    /// <param name="at">The direction; null for none.</param>
    public void Aim(Perturbation? at)
    {
        (_aim, _aimed) = (at, false);
        _tangent?.Dispose();
        _tangent = null;
    }

    /// <summary>Its values as floats.</summary>
    /// <param name="scratch">Lends room for what must be decoded.</param>
    /// <returns>Shape [rows, columns].</returns>
    public Matrix Read(Arena scratch) => Read(scratch, 0, Rows);

    /// <summary>Some rows' values as floats.</summary>
    /// <param name="scratch">Lends room for what must be decoded.</param>
    /// <param name="first">The first row.</param>
    /// <param name="count">Rows.</param>
    /// <returns>Shape [count, columns].</returns>
    public Matrix Read(Arena scratch, int first, int count)
    {
        if (IsFloat && !IsMoved)
            return new(Raw.Slice(first * Columns, count * Columns), Columns);

        Matrix values = scratch.Rent(count, Columns);
        for (int row = 0; row < count; row++)
            _weight!.Decode(first + row, values[row]);
        if (IsMoved)
            _perturbed!.AddTo((long)first * Columns, values.Values);
        return values;
    }

    /// <summary>The direction of a tape with tangents.</summary>
    /// <param name="scratch">Lends room for one that is made as it is read.</param>
    /// <returns>Shape [rows, columns].</returns>
    public Matrix ReadTangent(Arena scratch)
    {
        if (_aim is null || _aimed || _vector is not null)
            return Tangent;
        Matrix direction = scratch.Rent(Rows, Columns);
        direction.Values.Clear();
        _aim.AddTo(0, direction.Values);
        return direction;
    }

    /// <summary>One row of the direction of a tape with tangents.</summary>
    public void ReadTangent(int row, Span<float> direction)
    {
        if (_aim is null || _aimed || _vector is not null)
        {
            Tangent[row].CopyTo(direction);
            return;
        }

        direction.Clear();
        _aim.AddTo((long)row * Columns, direction);
    }

    /// <summary>One row's values.</summary>
    /// <param name="row">In [0, <see cref="Rows"/>).</param>
    /// <param name="values">Receives them, shape [columns].</param>
    public void Read(int row, Span<float> values)
    {
        if (_weight is null)
        {
            _vector.AsSpan(row * Columns, Columns).CopyTo(values);
            return;
        }

        _weight.Decode(row, values);
        if (IsMoved)
            _perturbed!.AddTo((long)row * Columns, values[..Columns]);
    }

    /// <summary>Puts moved values in place of those kept, by whichever thread asks first.</summary>
    private void Stand()
    {
        lock (_making)
        {
            if (_stands)
                return;
            if (_kept.Length != Length)
                _kept = new float[Length];
            Raw.CopyTo(_kept);
            (_perturbed! with { Team = null }).AddTo(0, Raw);
            _stands = true;
        }
    }

    /// <summary>Makes the direction's numbers.</summary>
    private void Point()
    {
        lock (_making)
        {
            if (_aimed)
                return;
            var made = new Allocation((long)Length * sizeof(float));
            (_aim! with { Team = null }).AddTo(0, made.Floats[..Length]);
            (_tangent, _aimed) = (made, true);
        }
    }

    /// <summary>Memory of the parameter's size, made by whichever thread asks first.</summary>
    private Span<float> Extra(ref Allocation? memory)
    {
        if (Volatile.Read(ref memory) is { } made)
            return made.Floats[..Length];
        lock (_making)
            return (memory ??= new Allocation((long)Length * sizeof(float))).Floats[..Length];
    }

    /// <summary>Frees gradient and direction.</summary>
    public void Dispose()
    {
        _gradient?.Dispose();
        _tangent?.Dispose();
    }
}
