using Thimble.Compute.Formats;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;
using Thimble.Tests.Compute.Kernels;

namespace Thimble.Tests.Compute;

public class TMacTests
{
    public static TheoryData<string> Formats => [.. TMac.Formats];

    [Theory, MemberData(nameof(Formats))]
    public void Products_have_the_bits_of_packed_rows(string format)
    {
        foreach ((int rows, int columns, int tokens) in ((int, int, int)[])[(128, 256, 1), (130, 512, 3), (37, 768, 1), (300, 1280, 20), (2200, 256, 2)])
            Same(format, rows, columns, tokens, EveryLane.Random(rows * columns, rows), EveryLane.Random(tokens * columns, tokens, 3));
    }

    [Theory, MemberData(nameof(Formats))]
    public void Extreme_numbers_do_not_overflow(string format)
    {
        foreach (int period in (int[])[1, 2, 3, 64])
        {
            float[] weights = [.. Enumerable.Range(0, 32 * 512).Select(i => (i / period % 2 == 0 ? 1f : -1) * (i % 37 == 0 ? 0.9f : 1))];
            float[] x = [.. Enumerable.Range(0, 2 * 512).Select(i => i / period % 2 == 0 ? 100f : -100)];
            Same(format, 32, 512, 2, weights, x);
            Same(format, 32, 512, 2, [.. weights.Select(Math.Abs)], x);
            Same(format, 32, 512, 2, [.. weights.Select(w => -Math.Abs(w))], [.. x.Select(Math.Abs)]);
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public void A_product_has_the_same_bits_on_every_register_alone_among_others_and_at_any_number_of_threads(string format)
    {
        const int rows = 300, columns = 512, tokens = 9;
        float[] x = EveryLane.Random(tokens * columns, 9);
        using Allocation stored = PanelTests.Stored(format, rows, columns, EveryLane.Random(rows * columns, 8));
        float[] whole = Product<WordsScalar, SumsScalar, Scalar>(stored, format, rows, columns, x, threads: 1);
        if (!V512.IsSupported)
            return;
        Assert.Equal(whole, Product<Words512, Sums512, V512>(stored, format, rows, columns, x, threads: 3));
        for (int token = 0; token < tokens; token += 4)
            Assert.Equal(whole[(token * rows)..((token + 1) * rows)], Product<Words512, Sums512, V512>(stored, format, rows, columns, x[(token * columns)..((token + 1) * columns)], threads: 2));
    }

    [Theory]
    [InlineData("Q1_0", -1, 1)]
    [InlineData("Q2_0", -1, 2)]
    [InlineData("TQ1_0", -1, 1)]
    [InlineData("TQ2_0", -1, 1)]
    [InlineData("Q4_0", -8, 7)]
    public void Whole_numbers_are_multiplied_without_any_error(string format, int lowest, int highest)
    {
        const int rows = 70, columns = 512;
        float[] weights = Whole(rows * columns, 1, lowest, highest, i => i % 32 == 0 ? lowest : 0), x = Whole(columns, 2, -31, 31, i => i % 32 == 0 ? 127 : 0);
        using Allocation stored = PanelTests.Stored(format, rows, columns, weights);
        float[] decoded = new float[weights.Length], y = Product<WordsScalar, SumsScalar, Scalar>(stored, format, rows, columns, x, threads: 1);
        BlockFormats.Named(format).Decode(stored.Slice(0, (int)stored.Length), decoded);
        Assert.Equal(weights, decoded);
        for (int row = 0; row < rows; row++)
            Assert.Equal(Enumerable.Range(0, columns).Sum(i => (double)weights[(row * columns) + i] * x[i]), y[row]);
    }

    [Fact]
    public void A_pair_that_is_no_ternary_digit_is_multiplied_all_the_same()
    {
        const int rows = 40, columns = 256;
        using Allocation stored = PanelTests.Stored("TQ2_0", rows, columns, EveryLane.Random(rows * columns, 3));
        stored.Slice(5 * 66, 1)[0] = 0xFF;   // four pairs of 3 in the sixth row
        Same(stored, "TQ2_0", rows, columns, EveryLane.Random(2 * columns, 4));
    }

    [Theory]
    [InlineData("Q1_0", 1)]
    [InlineData("Q2_0", 2)]
    [InlineData("Q3_K", 3)]
    [InlineData("Q4_0", 4)]
    public void Lookups_are_a_quarter_of_the_bits_and_nothing_is_multiplied(string format, int bits)
    {
        // The inner loop can do nothing but what its register offers: load, store, look up and add.
        string[] operations = [.. typeof(ITableWords<>).GetMethods().Select(method => method.Name).Order()];
        Assert.Equal(["Load", "Look", "Next", "Store", "op_Addition"], operations.Order(StringComparer.Ordinal));
        const int rows = 256, columns = 512;
        using Allocation stored = PanelTests.Stored(format, rows, columns, EveryLane.Random(rows * columns, 5));
        CountingWords.Looks = CountingWords.Additions = CountingSums.Finished = 0;
        Product<CountingWords, CountingSums, Scalar>(stored, format, rows, columns, EveryLane.Random(columns, 6), threads: 1);
        Assert.Equal(rows / 32 * columns / 4 * bits, CountingWords.Looks);
        Assert.InRange(CountingWords.Additions, CountingWords.Looks, CountingWords.Looks * 3 / 2);
        Assert.Equal(rows * columns / 32, CountingSums.Finished);
    }

    [Theory]
    [InlineData("Q1_0", 1, -1, 2)]
    [InlineData("Q2_0", 2, -1, 1)]
    [InlineData("Q2_K", 2, 0, 1)]
    [InlineData("Q3_K", 3, -4, 1)]
    [InlineData("Q4_0", 4, -8, 1)]
    [InlineData("Q4_1", 4, 0, 1)]
    public void Tables_of_bytes_err_by_less_than_the_authors_allow(string format, int bits, int lowest, int step)
    {
        const int rows = 70, columns = 1024;
        float[] x = EveryLane.Random(columns, 7);
        using Allocation stored = PanelTests.Stored(format, rows, columns, EveryLane.Random(rows * columns, 8));
        double[] expected = Decoded(stored, format, rows, columns, x);
        float[] sixteen = Rounded(stored, format, rows, columns, x, (bits, lowest, step), isMirrored: false);
        double error = sixteen.Select((y, row) => Math.Pow(y - expected[row], 2)).Sum() / expected.Sum(y => y * y);
        Assert.InRange(error, 0, 5e-4);
        Assert.Equal(sixteen, Rounded(stored, format, rows, columns, x, (bits, lowest, step), isMirrored: true));
    }

    private static void Same(string format, int rows, int columns, int tokens, float[] weights, float[] x)
    {
        using Allocation stored = PanelTests.Stored(format, rows, columns, weights);
        Assert.Equal(tokens * columns, x.Length);
        Same(stored, format, rows, columns, x);
    }

    /// <summary>Bit for bit the products of packed rows where there are such, and close to the reference in any case.</summary>
    private static void Same(Allocation stored, string format, int rows, int columns, float[] x)
    {
        float[] y = V512.IsSupported
            ? Product<Words512, Sums512, V512>(stored, format, rows, columns, x, threads: 2)
            : Product<WordsScalar, SumsScalar, Scalar>(stored, format, rows, columns, x, threads: 2);
        (double[] expected, double scale) = PanelTests.Reference(stored, format, rows, columns, x.Length / columns, x);
        for (int i = 0; i < y.Length; i++)
            Assert.InRange(Math.Abs(y[i] - expected[i]) / scale, 0, 3e-6);

        using var team = new Team(2);
        using Weight weight = Open(stored, format, rows, columns);
        using Multiplier? panels = Multipliers.Offered(weight, team);
        if (panels is not null)
            Assert.Equal(Product(panels, rows, columns, x, team), y);
    }

    private static Weight Open(Allocation stored, string format, int rows, int columns) =>
        new("w", BlockFormats.Named(format), rows, columns, stored.Region, new(Precision.Bytes));

    private static float[] Product<TWords, TSums, TLane>(Allocation stored, string format, int rows, int columns, float[] x, int threads)
        where TWords : unmanaged, ITableWords<TWords>
        where TSums : struct, ITableSums<TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        using var team = new Team(threads);
        using var scratch = new Arena();
        using Weight weight = Open(stored, format, rows, columns);
        using var tables = new TMac(weight, team);
        float[] y = new float[x.Length / columns * rows];
        var ready = Activations.Of(new Matrix(x, columns), true, scratch, team);
        for (int member = 0; member < threads; member++)
            tables.Multiply<TWords, TSums, TLane>(in ready, new Matrix(y, rows), 0, member, threads);
        return y;
    }

    private static float[] Product(Multiplier multiplier, int rows, int columns, float[] x, Team team)
    {
        using var scratch = new Arena();
        float[] y = new float[x.Length / columns * rows];
        var ready = Activations.Of(new Matrix(x, columns), true, scratch, team);
        for (int member = 0; member < team.Size; member++)
            multiplier.Multiply(in ready, new Matrix(y, rows), 0, member, team.Size);
        return y;
    }

    private static float[] Rounded(Allocation stored, string format, int rows, int columns, float[] x, (int Bits, int Lowest, int Step) code, bool isMirrored)
    {
        using var team = new Team(2);
        using Weight weight = Open(stored, format, rows, columns);
        using var tables = new ByteTables(weight, code.Bits, code.Lowest, code.Step, isMirrored);
        return Product(tables, rows, columns, x, team);
    }

    private static double[] Decoded(Allocation stored, string format, int rows, int columns, float[] x)
    {
        float[] values = new float[rows * columns];
        BlockFormats.Named(format).Decode(stored.Slice(0, (int)stored.Length), values);
        return [.. Enumerable.Range(0, rows).Select(row => Enumerable.Range(0, columns).Sum(i => (double)values[(row * columns) + i] * x[i]))];
    }

    private static float[] Whole(int length, int seed, int lowest, int highest, Func<int, int> given)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(i => given(i) != 0 ? given(i) : lowest == -1 && highest == 1 ? (2f * random.Next(2)) - 1 : random.Next(lowest, highest + 1))];
    }

    /// <summary>The reference register, counting.</summary>
    private struct CountingWords : ITableWords<CountingWords>
    {
        public static int Looks, Additions;

        private WordsScalar _words;

        public static unsafe CountingWords Load(byte* source) => new() { _words = WordsScalar.Load(source) };

        public static unsafe void Store(CountingWords value, byte* target) => WordsScalar.Store(value._words, target);

        public static CountingWords Look(CountingWords table, CountingWords words)
        {
            Looks++;
            return new() { _words = WordsScalar.Look(table._words, words._words) };
        }

        public static CountingWords Next(CountingWords words, int right) => new() { _words = WordsScalar.Next(words._words, right) };

        public static CountingWords operator +(CountingWords a, CountingWords b)
        {
            Additions++;
            return new() { _words = a._words + b._words };
        }
    }

    /// <summary>The reference for what follows, counting.</summary>
    private readonly unsafe struct CountingSums : ITableSums<Scalar>
    {
        public static int Finished;

        public static Scalar Paired(byte* first, byte* second, int row, int less, byte* codes) =>
            Count(SumsScalar.Paired(first, second, row, less, codes));

        public static Scalar Coded(byte* sums, int row, short less, short more, byte* codes) => Count(SumsScalar.Coded(sums, row, less, more, codes));

        public static Scalar Plain(byte* sums, int row, short less, int more) => Count(SumsScalar.Plain(sums, row, less, more));

        public static Scalar Floors(int pair, int row, byte* codes) => SumsScalar.Floors(pair, row, codes);

        private static Scalar Count(Scalar finished)
        {
            Finished++;
            return finished;
        }
    }
}
