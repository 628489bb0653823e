namespace Thimble.Lab.Quantize;

/// <summary>What became of a model.</summary>
/// <param name="SourceBytes">Bytes of its tensors before.</param>
/// <param name="FileBytes">Bytes of the file written.</param>
/// <param name="Tensors">What became of each tensor, in file order.</param>
public sealed record QuantizeResult(long SourceBytes, long FileBytes, IReadOnlyList<QuantizedTensor> Tensors);

/// <summary>What became of one tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="From">The format it had.</param>
/// <param name="To">The format it has.</param>
/// <param name="Note">What its owner should know: why that is not the format asked for, or that no importance is known; null for nothing.</param>
public sealed record QuantizedTensor(string Name, string From, string To, string? Note);

/// <summary>How far a model has been rewritten.</summary>
/// <param name="Tensor">The tensor at hand.</param>
/// <param name="Written">Bytes written so far.</param>
/// <param name="Total">Bytes of the whole file.</param>
public readonly record struct QuantizeProgress(string Tensor, long Written, long Total);
