using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>Token ids to vectors: a row of a table each, and what is added or done to it.</summary>
/// <param name="Table">One row a token, shape [vocabulary, features].</param>
/// <param name="Scale">Factor on the row.</param>
/// <param name="Positions">Added by position, shape [context, features]; null for none.</param>
/// <param name="Norm">Normalises the outcome; null for none.</param>
/// <param name="Types">Added to every row (a BERT file's first token type), shape [features]; null for none.</param>
internal sealed record Embedding(Weight Table, float Scale = 1, Weight? Positions = null, Norm? Norm = null, float[]? Types = null)
{
    /// <summary>Features of a vector.</summary>
    public int Width => Table.Columns;

    /// <summary>The vectors of a run's tokens; those that are given take the place of a table's row times its factor.</summary>
    /// <returns>Shape [rows, features].</returns>
    /// <exception cref="ArgumentOutOfRangeException">A token id is outside the vocabulary, or a position outside the table.</exception>
    public Matrix Apply(Pass pass)
    {
        Matrix x = pass.Scratch.Rent(pass.Rows, Width);
        using Arena.Scope _ = pass.Scratch.Mark();
        Span<float> position = Positions is null ? [] : pass.Scratch.Rent<float>(Width);
        for (int row = 0; row < pass.Rows; row++)
        {
            if (pass.Given(row) is { IsEmpty: false } given)
                given.CopyTo(x[row]);
            else
                LookUp(pass, row, x[row]);
            if (Positions is not null)
            {
                Positions.Decode(pass.Positions[row], position);
                Lanes.Best(new AddScaled(position, 1, x[row]));
            }

            if (Types is not null)
                Lanes.Best(new AddScaled(Types, 1, x[row]));
            Norm?.Apply(x[row], x[row]);
        }

        return x;
    }

    private void LookUp(Pass pass, int row, Span<float> x)
    {
        int token = pass.Tokens[row];
        if ((uint)token >= (uint)Table.Rows)
            throw new ArgumentOutOfRangeException(nameof(pass), token, $"Token {token} is outside the vocabulary of {Table.Rows}.");

        Table.Decode(token, x);
        if (pass.Adapters.Any)
            pass.Adapters.ChangeEmbedding(pass, row, token, x);
        if (Scale != 1)
            Lanes.Best(new Scaled(x, Scale, x));
    }
}
