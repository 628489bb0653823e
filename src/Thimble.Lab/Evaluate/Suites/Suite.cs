namespace Thimble.Lab.Evaluate;

/// <summary>Something that a model is measured on.</summary>
/// <param name="name">Its name on the command line.</param>
/// <param name="summary">What it measures, one line.</param>
/// <param name="folder">Its folder in the data folder.</param>
/// <param name="origin">Where its data can be had, a sentence.</param>
internal abstract class Suite(string name, string summary, string folder, string origin)
{
    /// <summary>Its name on the command line.</summary>
    public string Name { get; } = name;

    /// <summary>What it measures, one line.</summary>
    public string Summary { get; } = summary;

    /// <summary>How its numbers come about and what they compare with; printed below them.</summary>
    public virtual string Method => "";

    /// <summary>Its data.</summary>
    /// <param name="root">The folder that data sets lie in.</param>
    public Corpus Open(string root) => new(root, folder, origin);
}
