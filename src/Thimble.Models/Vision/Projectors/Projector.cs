using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary>From a tower's features to vectors of a text model.</summary>
internal abstract record Projector
{
    /// <summary>Features it gives.</summary>
    public abstract int Outputs { get; }

    /// <summary>Vectors that it gives beside the one which stands in the text, one for each of the text model's first layers.</summary>
    public virtual int Deeper => 0;

    /// <summary>The weights it multiplies with.</summary>
    public abstract IEnumerable<Weight> Weights { get; }

    /// <summary>Projects.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Features of the patches, shape [lines · columns, features].</param>
    /// <param name="lines">Lines of patches.</param>
    /// <param name="columns">Patches of a line.</param>
    /// <returns>Shape [vectors, <see cref="Outputs"/>].</returns>
    public abstract Matrix Apply(Pass pass, Matrix x, int lines, int columns);

    /// <summary>The vectors as they stand in a text.</summary>
    public virtual GivenRows Rows(Matrix y, int lines, int columns) => new(y.Values.ToArray(), y.Columns);

    /// <summary>Squares of neighbouring patches as one row each: their features side by side, line after line.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Shape [lines · columns, features].</param>
    /// <param name="lines">Lines of patches.</param>
    /// <param name="columns">Patches of a line.</param>
    /// <param name="side">Patches of a square's side.</param>
    /// <returns>Shape [squares, side · side · features]; zeros where a square reaches beyond the picture.</returns>
    protected static Matrix Squares(Pass pass, Matrix x, int lines, int columns, int side)
    {
        int down = (lines + side - 1) / side, across = (columns + side - 1) / side, width = x.Columns;
        Matrix y = pass.Scratch.Rent(down * across, side * side * width);
        y.Values.Clear();
        for (int row = 0; row < x.Rows; row++)
        {
            (int line, int column) = (row / columns, row % columns);
            int inside = (line % side * side) + (column % side);
            x[row].CopyTo(y[(line / side * across) + (column / side)][(inside * width)..]);
        }

        return y;
    }
}
