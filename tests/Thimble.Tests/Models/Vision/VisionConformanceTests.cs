using System.Runtime.InteropServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Models.Vision;
using Thimble.Tests.Models.Architectures;
using Xunit.Abstractions;

namespace Thimble.Tests.Models.Vision;

/// <summary>Towers, projectors and texts with pictures, against llama.cpp's libmtmd.</summary>
public class VisionConformanceTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("llava", "llama", "50x37")]
    [InlineData("llava-next", "llama", "50x37")]
    [InlineData("llava-features", "llama", "16x16")]
    [InlineData("llava-yi", "llama", "13x40")]
    [InlineData("idefics3", "llama", "50x37")]
    [InlineData("gemma3", "gemma3", "50x37")]
    [InlineData("qwen2vl", "qwen2vl", "50x37")]
    [InlineData("qwen2.5vl", "qwen2vl", "150x130")]
    [InlineData("ldp", "llama", "50x37")]
    [InlineData("ldpv2", "llama", "50x37")]
    [InlineData("lfm2", "marked", "1100x300")]
    [InlineData("phi4", "llama", "50x37")]
    [InlineData("pixtral", "marked", "50x37")]
    [InlineData("mistral3", "marked", "50x37")]
    [InlineData("qwen3vl", "qwen3vl", "50x37")]
    public void Vectors_and_logits_are_those_of_the_reference(string name, string text, string picture)
    {
        Expected expected = Read(name);
        using var model = new Runs(Golden.Path($"vision/{text}.gguf"));
        (int[] ids, Inserts inserts) = Compose(model, name, picture);
        Assert.Equal(expected.Ids.Select(id => id < 0), ids.Select(id => id < 0));
        Assert.Equal(expected.Ids.Where(id => id >= 0), ids.Where(id => id >= 0));
        float[] vectors = [.. inserts.All.SelectMany(insert => Enumerable.Range(0, insert.Count).SelectMany(row => Vectors(insert.Rows, row)))];
        double seen = Error(expected.Vectors, vectors), said = Error(expected.Logits, model.Logits(ids, 7, inserts)[^1]);
        output.WriteLine($"{name}: vectors {seen:E1}, logits {said:E1}");
        Assert.True(seen < 1e-6 && said < 1e-6, $"vectors {seen:E1}, logits {said:E1}");
    }

    [Fact]
    public void A_class_vector_comes_first_and_is_not_handed_on()
    {
        // llama.cpp puts it last, with the last position, and hands it on in place of the first patch; the other patches are as here
        // if positions are turned by one.
        Expected expected = Read("llava-class");
        using var model = new Runs(Golden.Path("vision/llama.gguf"));
        (_, Inserts inserts) = Compose(model, "llava-class", "50x37", turned: true);
        Insert rows = Assert.Single(inserts.All);
        Assert.Equal(16, rows.Count);
        float[] vectors = [.. Enumerable.Range(1, 15).SelectMany(row => rows.Rows[row].ToArray())];
        Assert.True(Error(expected.Vectors[..vectors.Length], vectors) < 1e-6);
    }

    [Fact]
    public void InternVL_s_vectors_and_logits_are_those_of_the_reference_but_for_the_place_of_the_class_vector()
    {
        Expected expected = Read("internvl");
        using var model = new Runs(Golden.Path("vision/marked.gguf"));
        (int[] ids, Inserts inserts) = Compose(model, "internvl", "50x37", turned: true);
        Assert.Equal(expected.Ids.Where(id => id >= 0), ids.Where(id => id >= 0));
        float[] vectors = [.. inserts.All.SelectMany(insert => Enumerable.Range(0, insert.Count).SelectMany(row => Vectors(insert.Rows, row)))];
        double seen = Error(expected.Vectors, vectors), said = Error(expected.Logits, model.Logits(ids, 7, inserts)[^1]);
        output.WriteLine($"internvl: vectors {seen:E1}, logits {said:E1}");
        Assert.True(seen < 1e-6 && said < 1e-6, $"vectors {seen:E1}, logits {said:E1}");
    }

    /// <summary>A row's vector, and those for the first layers.</summary>
    private static float[] Vectors(GivenRows rows, int row) =>
        [.. rows[row], .. Enumerable.Range(0, rows.Deeper).SelectMany(layer => rows.After(row, layer).ToArray())];

    private static (int[] Ids, Inserts Inserts) Compose(Runs model, string name, string picture, bool turned = false)
    {
        using var file = ModelFile.Open(Golden.Path($"vision/mmproj-{name}.gguf"));
        var tower = Projectors.Open(file, new(Precision.Floats));
        if (turned)
            tower = tower with { Positions = Turned(tower.Positions!) };
        using var team = new Team(2);
        using var pass = new Pass(team);
        var image = Image.Decode(File.ReadAllBytes(Golden.Path($"vision/{picture}.png")));
        var read = ReadImage.By(tower, image, view => tower.Read(pass, view));
        if (name == "llava-next")
            read = new([.. read.Parts.Skip(1), read.Parts[0]]);   // llama.cpp puts the whole picture last
        var tokenizer = Tokenizer.From(model.File.Metadata);
        List<int> ids = [.. tokenizer.Encode("ab ")];
        var inserts = new Inserts();
        read.AppendTo(tokenizer, ids, inserts);
        ids.AddRange(tokenizer.Encode(" cd", addSpecial: false));
        return ([.. ids], inserts);
    }

    private static Weight Turned(Weight positions)
    {
        float[] values = new float[positions.Rows * positions.Columns];
        for (int row = 0; row < positions.Rows; row++)
            positions.Decode(row, values.AsSpan((row + 1) % positions.Rows * positions.Columns));
        var memory = new Allocation(values.Length * sizeof(float));
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(memory.Slice(0, values.Length * sizeof(float)));
        return new("positions", positions.Format, positions.Rows, positions.Columns, memory.Region, new(Precision.Floats));
    }

    private static double Error(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double error = expected.Zip(actual, (a, b) => ((double)a - b) * ((double)a - b)).Sum();
        return error / expected.Sum(value => (double)value * value);
    }

    private static Expected Read(string name)
    {
        using var reader = new BinaryReader(File.OpenRead(Golden.Path($"vision/{name}.expected")));
        (int chunks, int width) = (reader.ReadInt32(), reader.ReadInt32());
        List<int> ids = [];
        List<float> vectors = [];
        for (int i = 0; i < chunks; i++)
        {
            bool text = reader.ReadInt32() == 0;
            int count = reader.ReadInt32();
            for (int token = 0; token < count; token++)
                ids.Add(text ? reader.ReadInt32() : -1);
            for (int value = 0; !text && value < count * width; value++)
                vectors.Add(reader.ReadSingle());
        }

        float[] logits = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadSingle())];
        return new([.. ids], [.. vectors], logits);
    }

    private sealed record Expected(int[] Ids, float[] Vectors, float[] Logits);
}
