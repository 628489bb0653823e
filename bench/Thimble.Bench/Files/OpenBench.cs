using System.Diagnostics;
using Thimble.Compute.Formats;
using Thimble.Models.Files;

namespace Thimble.Bench;

/// <summary>How long it takes to open a large GGUF file, before its first tensor is touched.</summary>
internal static class OpenBench
{
    private const int Tokens = 150_000, Layers = 32, Opens = 20;

    public static void Run()
    {
        string path = Path.Combine(Path.GetTempPath(), $"thimble-open-{Environment.ProcessId}.gguf");
        try
        {
            Write(path);
            Console.WriteLine($"{new FileInfo(path).Length / 1e9:F2} GB, {Tokens} tokens and as many merges, {(Layers * 9) + 1} tensors");
            for (int i = 0; i < Opens; i++)
            {
                long begun = Stopwatch.GetTimestamp(), before = GC.GetAllocatedBytesForCurrentThread();
                using var file = ModelFile.Open(path);
                Console.WriteLine($"opened in {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:F2} ms, {(GC.GetAllocatedBytesForCurrentThread() - before) / 1024} KiB allocated");
            }

            using var opened = ModelFile.Open(path);
            long decoding = Stopwatch.GetTimestamp();
            int length = opened.Metadata.FindArray("tokenizer.ggml.tokens")!.Texts().Length;
            Console.WriteLine($"{length} tokens decoded in {Stopwatch.GetElapsedTime(decoding).TotalMilliseconds:F2} ms");
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>A sparse file: its tensors are produced as zeros that are never written.</summary>
    private static void Write(string path)
    {
        var metadata = new Metadata();
        metadata.Add("general.architecture", "llama");
        metadata.Add("tokenizer.ggml.tokens", MetadataArray.Of([.. Enumerable.Range(0, Tokens).Select(i => $"token {i}")]));
        metadata.Add("tokenizer.ggml.merges", MetadataArray.Of([.. Enumerable.Range(0, Tokens).Select(i => $"tok en{i}")]));

        var format = BlockFormats.Named("Q8_0");
        var tensors = new List<(TensorSource Tensor, long Offset)>();
        long offset = 0;
        for (int i = 0; i <= Layers * 9; i++)
        {
            var tensor = new TensorSource($"blk.{i / 9}.part_{i % 9}.weight", format, [2048, 4096], (_, _) => { });
            tensors.Add((tensor, offset));
            offset += tensor.Rows * tensor.RowBytes;
        }

        ReadOnlySpan<byte> header = new GgufHeader(metadata, tensors).Bytes;
        using var file = File.Create(path);
        file.Write(header);
        file.SetLength(((header.Length + 31) & -32) + offset);
    }
}
