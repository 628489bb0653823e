using System.Globalization;

namespace Thimble.Bench;

/// <summary>Attention alone, one thread: prefill in operations per second, decoding in bytes of cache per second beside a bare reading of them.</summary>
internal static class AttentionBench
{
    private static readonly (int Heads, int KeyHeads, int Size)[] s_shapes = [(14, 2, 64), (32, 8, 64), (16, 8, 128)];

    public static void Run(string[] args)
    {
        string[] cells = args.Length > 0 ? args[0].Split(',') : ["F16", "F32", "BF16", "Q8_0", "Q4_0"];
        int rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 15;
        if (args is ["softmax", ..])
        {
            SoftmaxBench.Run(rounds);
            return;
        }

        Console.WriteLine($"{"heads",-12} {"cells",-6} {"prefill 512 GFLOP/s",20} {"decode at 4096 GB/s",20} {"us",8} {"warm GB/s",10} {"read GB/s",10}");
        foreach ((int heads, int keyHeads, int size) in s_shapes)
        {
            foreach (string cell in cells)
            {
                using var world = new AttentionCache(heads, keyHeads, size, cell, 4096 + 64);
                (double prefill, double decode) = (world.Prefill(rounds), world.Decode(4096, rounds));
                double operations = 4.0 * heads * size * 512 * 513 / 2;
                Console.WriteLine(
                    $"{heads}/{keyHeads}x{size,-6} {cell,-6} {operations / prefill / 1e9,20:F1} {world.BytesPerToken * 4097 / decode / 1e9,20:F2} {decode * 1e6,8:F0} {world.BytesPerToken * 513 / world.Warm(rounds) / 1e9,10:F2} {world.BytesPerToken * 4096 / world.Read(4096, rounds) / 1e9,10:F2}");
            }
        }
    }
}
