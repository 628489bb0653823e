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
    public Span<float> Values => _vector ?? _weight!.Changeable();

    /// <summary>The gradient of the loss, summed over what was pulled since it was cleared, shape [rows, columns].</summary>
    public Matrix Gradient => new(Extra(ref _gradient), Columns);

    /// <summary>The direction in which a tape with tangents moves it, shape [rows, columns]; zeros until they are set.</summary>
    public Matrix Tangent => new(Extra(ref _tangent), Columns);

    /// <summary>Whether a direction has been set.</summary>
    public bool HasTangent => _tangent is not null;

    /// <summary>Bytes of gradient and direction.</summary>
    public long ExtraBytes => (_gradient?.Length ?? 0) + (_tangent?.Length ?? 0);

    /// <summary>Its values as floats.</summary>
    /// <param name="scratch">Lends room for what must be decoded.</param>
    /// <returns>Shape [rows, columns].</returns>
    public Matrix Read(Arena scratch)
    {
        if (IsFloat)
            return new(Values, Columns);

        Matrix values = scratch.Rent(Rows, Columns);
        for (int row = 0; row < Rows; row++)
            _weight!.Decode(row, values[row]);
        return values;
    }

    /// <summary>One row's values.</summary>
    /// <param name="row">In [0, <see cref="Rows"/>).</param>
    /// <param name="values">Receives them, shape [columns].</param>
    public void Read(int row, Span<float> values)
    {
        if (_weight is not null)
            _weight.Decode(row, values);
        else
            _vector.AsSpan(row * Columns, Columns).CopyTo(values);
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
