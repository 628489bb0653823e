using Thimble.Models.Files;

namespace Thimble.Tests.Models.Architectures;

/// <summary>GPT-J and OPT, which llama.cpp lacks, against their definitions written out in doubles, one number at a time.</summary>
/// <remarks>Source: Wang and Komatsuzaki, "GPT-J-6B", 2021; Zhang et al., "OPT", 2022, section 2.1; Su et al., "RoFormer", 2021, section 3.2.2 (pairs of neighbours).</remarks>
public class ScalarReferenceTests
{
    private const int Width = TinyModel.Width, Heads = TinyModel.Heads, KeyHeads = TinyModel.KeyHeads, Size = TinyModel.Size;

    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 20).Select(i => (i * 37) % TinyModel.Vocabulary)];

    [Fact]
    public void Gpt_J_is_as_it_was_defined()
    {
        using ModelFile file = TinyModelTests.Make("gptj").Tensor("output.weight", Width, TinyModel.Vocabulary).Tensor("output.bias", TinyModel.Vocabulary).File();
        double[][] x = [.. s_tokens.Select(token => Row(file, "token_embd.weight", token))];
        for (int layer = 0; layer < 2; layer++)
        {
            string at = $"blk.{layer}.";
            double[][] h = [.. x.Select(row => Centred(file, at + "attn_norm", row))], mixed = Attend(file, at, h, turned: 8);
            x = [.. x.Select((row, t) => Sum(row, mixed[t], Fed(file, at, h[t], Gelu)))];
        }

        Compare(file, [.. x.Select(row => Times(file, "output", Centred(file, "output_norm", row)))]);
    }

    [Fact]
    public void Opt_is_as_it_was_defined()
    {
        using ModelFile file = TinyModelTests.Make("opt").File();
        double[][] x = [.. s_tokens.Select((token, t) => Sum(Row(file, "token_embd.weight", token), Row(file, "position_embd.weight", t)))];
        for (int layer = 0; layer < 2; layer++)
        {
            string at = $"blk.{layer}.";
            double[][] mixed = Attend(file, at, [.. x.Select(row => Centred(file, at + "attn_norm", row))], turned: 0);
            x = [.. x.Select((row, t) => Sum(row, mixed[t]))];
            x = [.. x.Select(row => Sum(row, Fed(file, at, Centred(file, at + "ffn_norm", row), value => Math.Max(0, value))))];
        }

        Compare(file, [.. x.Select(row => Times(file, "token_embd", Centred(file, "output_norm", row)))]);
    }

    private static void Compare(ModelFile file, double[][] expected)
    {
        using var model = new Runs(file);
        double difference = 0, power = 0;
        foreach ((double[] row, float[] got) in expected.Zip(model.Logits(s_tokens, 7)))
        {
            for (int i = 0; i < row.Length; i++)
                (difference, power) = (difference + Math.Pow(row[i] - got[i], 2), power + Math.Pow(row[i], 2));
        }

        Assert.InRange(difference / power, 0, 1e-10);
    }

    private static double[][] Attend(ModelFile file, string at, double[][] h, int turned)
    {
        double[][] q = [.. h.Select((row, t) => Turned(Times(file, at + "attn_q", row), turned, t))], k = [.. h.Select((row, t) => Turned(Times(file, at + "attn_k", row), turned, t))];
        double[][] v = [.. h.Select(row => Times(file, at + "attn_v", row))];
        return [.. h.Select((_, t) =>
        {
            double[] heads = new double[Heads * Size];
            for (int head = 0; head < Heads; head++)
            {
                int from = head * Size, key = head / (Heads / KeyHeads) * Size;
                double[] scores = [.. Enumerable.Range(0, t + 1).Select(s => Math.Exp(Enumerable.Range(0, Size).Sum(i => q[t][from + i] * k[s][key + i]) / Math.Sqrt(Size)))];
                for (int i = 0; i < Size; i++)
                    heads[from + i] = Enumerable.Range(0, t + 1).Sum(s => scores[s] * v[s][key + i]) / scores.Sum();
            }

            return Times(file, at + "attn_output", heads);
        })];
    }

    /// <summary>Pair i of the first features of each head, two neighbours, turned by t / 10000^(2i / turned).</summary>
    private static double[] Turned(double[] x, int turned, int t)
    {
        double[] y = [.. x];
        for (int head = 0; head < x.Length / Size; head++)
        {
            for (int pair = 0; pair < turned / 2; pair++)
            {
                int at = (head * Size) + (2 * pair);
                double angle = t / Math.Pow(10000, 2.0 * pair / turned);
                y[at] = (x[at] * Math.Cos(angle)) - (x[at + 1] * Math.Sin(angle));
                y[at + 1] = (x[at] * Math.Sin(angle)) + (x[at + 1] * Math.Cos(angle));
            }
        }

        return y;
    }

    private static double[] Fed(ModelFile file, string at, double[] x, Func<double, double> function) =>
        Times(file, at + "ffn_down", [.. Times(file, at + "ffn_up", x).Select(function)]);

    private static double Gelu(double x) => x / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));

    private static double[] Centred(ModelFile file, string name, double[] x)
    {
        double mean = x.Average(), deviation = Math.Sqrt(x.Select(value => (value - mean) * (value - mean)).Average() + 1e-5);
        float[] gain = file.Vector(name + ".weight");
        return [.. x.Select((value, i) => (value - mean) / deviation * gain[i])];
    }

    private static double[] Times(ModelFile file, string name, double[] x)
    {
        float[] weights = file.Vector(name + ".weight"), bias = file.TryGetTensor(name + ".bias", out StoredTensor? stored) ? stored.Values() : new float[weights.Length / x.Length];
        return [.. weights.Chunk(x.Length).Select((row, i) => row.Zip(x, (w, value) => w * value).Sum() + bias[i])];
    }

    private static double[] Row(ModelFile file, string name, int row) => [.. file.Vector(name).Skip(row * Width).Take(Width).Select(value => (double)value)];

    private static double[] Sum(params double[][] rows) => [.. Enumerable.Range(0, Width).Select(i => rows.Sum(row => row[i]))];
}
