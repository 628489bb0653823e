using System.Buffers;
using System.Runtime.ExceptionServices;

namespace Thimble.Models.Files;

/// <summary>Writes GGUF files, version 3, little endian. The same model always gives the same bytes.</summary>
/// <remarks>Source: the GGUF specification, ggml, <c>docs/gguf.md</c>.</remarks>
internal static class GgufWriter
{
    private const int BlockLength = 4 << 20;   // bytes one thread holds

    /// <summary>Writes a file, a few rows at a time; it appears under its name only when it is complete.</summary>
    /// <param name="path">Where to write; a file there is replaced.</param>
    /// <param name="metadata">What the file says about itself; its <c>general.alignment</c> is obeyed.</param>
    /// <param name="tensors">The tensors, in file order.</param>
    /// <param name="progress">Told after each block of rows.</param>
    /// <param name="workers">Threads that produce rows.</param>
    /// <param name="cancellation">Stops it; no file is left.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or a shape is impossible.</exception>
    /// <exception cref="CapacityException">The disk is full.</exception>
    /// <exception cref="InvalidDataException">A value cannot be stored.</exception>
    public static void Write(
        string path,
        Metadata metadata,
        IReadOnlyList<TensorSource> tensors,
        IProgress<WriteProgress>? progress = null,
        int workers = 1,
        CancellationToken cancellation = default)
    {
        long alignment = metadata.FindInteger("general.alignment") ?? Gguf.DefaultAlignment;
        if (alignment is <= 0 or > uint.MaxValue || !long.IsPow2(alignment))
            throw new InvalidDataException($"Metadata key 'general.alignment' is {alignment}; expected a power of two below 2^32.");

        var placed = new List<(TensorSource Tensor, long Offset)>();
        long end = Place(tensors, alignment, placed);
        ReadOnlySpan<byte> header = new GgufHeader(metadata, placed).Bytes;
        long start = tensors.Count == 0 ? header.Length : Align(header.Length, alignment), total = checked(start + end), written = header.Length;

        using var file = new DraftFile(path, total);
        file.Write(0, header);
        foreach ((TensorSource tensor, long offset) in placed)
        {
            Copy(file, tensor, start + offset, workers, Copied, cancellation);

            void Copied(long bytes) => progress?.Report(new(tensor.Name, Interlocked.Add(ref written, bytes), total));
        }

        file.Commit();
    }

    private static long Place(IReadOnlyList<TensorSource> tensors, long alignment, List<(TensorSource Tensor, long Offset)> placed)
    {
        long end = 0;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (TensorSource tensor in tensors)
        {
            if (!names.Add(tensor.Name))
                throw new ArgumentException($"Two tensors are named '{tensor.Name}'.", nameof(tensors));
            if (tensor.Shape.Count > GgufLayout.DimensionLimit || tensor.Shape.Any(size => size <= 0))
            {
                throw new ArgumentException(
                    $"Tensor '{tensor.Name}' has shape [{string.Join(", ", tensor.Shape)}]; expected at most {GgufLayout.DimensionLimit} sizes of at least 1.", nameof(tensors));
            }

            placed.Add((tensor, end));
            end = Align(checked(end + (tensor.Rows * tensor.RowBytes)), alignment);
        }

        return end;
    }

    private static void Copy(DraftFile file, TensorSource tensor, long start, int workers, Action<long> copied, CancellationToken cancellation)
    {
        if (tensor.RowBytes > Array.MaxLength)
            throw new NotSupportedException($"Tensor '{tensor.Name}' has rows of {tensor.RowBytes} bytes; at most {Array.MaxLength} can be written.");

        int rowBytes = (int)tensor.RowBytes;
        long rows = tensor.Rows, blockRows = Math.Max(BlockLength / rowBytes, 1), blocks = (rows + blockRows - 1) / blockRows;
        if (workers == 1)
        {
            for (long block = 0; block < blocks; block++)
                CopyBlock(block);
            return;
        }

        try
        {
            Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation }, CopyBlock);
        }
        catch (AggregateException e)
        {
            // What one thread ran into is what the caller should see, not that it was one of several.
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        void CopyBlock(long block)
        {
            cancellation.ThrowIfCancellationRequested();
            long first = block * blockRows;
            int length = (int)Math.Min(blockRows, rows - first) * rowBytes;
            byte[] bytes = ArrayPool<byte>.Shared.Rent(length);
            tensor.Produce(first, bytes.AsSpan(0, length));
            file.Write(start + (first * rowBytes), bytes.AsSpan(0, length));
            ArrayPool<byte>.Shared.Return(bytes);
            copied(length);
        }
    }

    private static long Align(long offset, long alignment) => checked(offset + alignment - 1) & -alignment;
}

/// <summary>How far a file has been written.</summary>
/// <param name="Tensor">The tensor at hand.</param>
/// <param name="Written">Bytes written so far.</param>
/// <param name="Total">Bytes of the whole file.</param>
internal readonly record struct WriteProgress(string Tensor, long Written, long Total);
