namespace Thimble.Library;

/// <summary>What became of a model.</summary>
/// <param name="SourceBytes">Bytes of its tensors before.</param>
/// <param name="FileBytes">Bytes of the file written.</param>
/// <param name="Tensors">What became of each tensor, in file order.</param>
public sealed record ConversionResult(long SourceBytes, long FileBytes, IReadOnlyList<TensorConversion> Tensors);

/// <summary>What became of one tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="From">The format it had.</param>
/// <param name="To">The format it has.</param>
/// <param name="Note">Why that is not the format asked for; null where it is, or where tensors like this never change.</param>
public sealed record TensorConversion(string Name, string From, string To, string? Note);

/// <summary>How far a model has been rewritten.</summary>
/// <param name="Tensor">The tensor at hand.</param>
/// <param name="Written">Bytes written so far.</param>
/// <param name="Total">Bytes of the whole file.</param>
public readonly record struct ConversionProgress(string Tensor, long Written, long Total);
