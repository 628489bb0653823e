using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary>Features that lie side by side as pixels do.</summary>
/// <param name="features">Line after line, shape [lines · columns, features].</param>
/// <param name="lines">Lines.</param>
/// <param name="columns">Vectors of a line.</param>
internal readonly ref struct Picture(Matrix features, int lines, int columns)
{
    /// <summary>The features, line after line, shape [lines · columns, features].</summary>
    public Matrix Features { get; } = features;

    /// <summary>Lines.</summary>
    public int Lines { get; } = lines;

    /// <summary>Vectors of a line.</summary>
    public int Columns { get; } = columns;
}

/// <summary>Makes a picture of a picture.</summary>
internal abstract record PictureBlock
{
    /// <summary>The weights it multiplies with.</summary>
    public virtual IEnumerable<Weight> Weights => [];

    /// <summary>Makes it, in memory that the run lends.</summary>
    public abstract Picture Apply(Pass pass, Picture x);
}
