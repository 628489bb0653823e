namespace Thimble.Lab.Training;

/// <summary>Rows of a table by number: <c>y[row] = scale · table[ids[row]]</c>.</summary>
internal sealed class Lookup : Operation
{
    private readonly Parameter _table;
    private readonly int[] _ids;
    private readonly float _scale;
    private readonly Value _y;

    private Lookup(Parameter table, int[] ids, float scale, Value y) => (_table, _ids, _scale, _y) = (table, ids, scale, y);

    /// <summary>Looks up.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="table">Shape [numbers, features].</param>
    /// <param name="ids">Shape [rows].</param>
    /// <param name="scale">Factor.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside the table.</exception>
    public static Value Of(Tape tape, Parameter table, int[] ids, float scale = 1)
    {
        if (Array.Find(ids, id => (uint)id >= (uint)table.Rows) is not 0 and var outside)
            throw new ArgumentOutOfRangeException(nameof(ids), outside, $"Token {outside} is outside '{table.Name}', which has {table.Rows} rows.");

        Value y = tape.Rent(ids.Length, table.Columns, table.IsTrained);
        for (int row = 0; row < ids.Length; row++)
        {
            table.Read(ids[row], y.Result[row]);
            if (scale != 1)
                System.Numerics.Tensors.TensorPrimitives.Multiply(y.Result[row], scale, y.Result[row]);
        }

        return tape.Record(new Lookup(table, ids, scale, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient || !_table.IsTrained)
            return;
        for (int row = 0; row < _ids.Length; row++)
            Rows.Add(_y.Gradient(tape)[row], _scale, _table.Gradient[_ids[row]]);
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        if (!_table.HasTangent)
            return;
        float[] direction = new float[_table.Columns];
        for (int row = 0; row < _ids.Length; row++)
        {
            _table.ReadTangent(_ids[row], direction);
            Rows.Add(direction, _scale, _y.Tangent(tape)[row]);
        }
    }
}
