using Thimble.Models.Files;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>Every family's model as GGUF (most are llama.cpp's fixtures, the rest tiny random ones), and written as its folder is published and read
/// again: the same logits.</summary>
public class PublishedModelTests
{
    private const double Tolerance = 1e-9;   // of rates that went through a logarithm and back, and of factors taken out and put in

    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 24).Select(i => (i * 37) % TinyModel.Vocabulary)];

    public static TheoryData<string> Fixtures => [.. PublishedFixtures.All.Keys.Where(name => File.Exists(Fixture.PathOf(name + ".gguf")))];

    public static TheoryData<string> Models => [.. PublishedTinyModels.All.Keys];

    public static TheoryData<string> Encoders => [.. PublishedEncoders.All.Keys];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Folder_of_a_fixture_gives_its_logits(string name)
    {
        using var source = ModelFile.Open(Fixture.PathOf(name + ".gguf"));
        Compare(PublishedFixtures.All[name], source);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Folder_of_a_random_model_gives_its_logits(string name)
    {
        (PublishedModel published, TinyModel model) = PublishedTinyModels.All[name]();
        using ModelFile source = model.File();
        Compare(published, source);
    }

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Folder_of_an_encoder_gives_its_vectors(string name)
    {
        using var source = ModelFile.Open(Golden.Path($"encoders/{name}.gguf"));
        PublishedModel published = PublishedEncoders.All[name];
        using Scratch folder = published.Write(source);
        PublishedEncoders.AddFiles(name, folder, source);
        using Runs one = new(ModelFile.Open(Golden.Path($"encoders/{name}.gguf"))), two = new(folder.Folder);
        int[][] texts = new EncoderFixture(name).Texts;
        Assert.Equal(one.File.Architecture, two.File.Architecture);
        Assert.InRange(Error(one.Vectors(texts), two.Vectors(texts)), 0, Tolerance);
    }

    [Fact]
    public void Folder_of_T5_gives_its_logits()
    {
        using var file = ModelFile.Open(Golden.Path("encoders/t5.gguf"));
        using Scratch folder = PublishedEncoders.T5.Write(file);
        using Runs one = new(ModelFile.Open(Golden.Path("encoders/t5.gguf"))), two = new(folder.Folder);
        int[] source = [5, 6, 7, 8], written = [0, 9, 10];
        float[][] plain = [.. one.Written(source, written, 3).Select(row => (float[])[.. row.Select(value => value / MathF.Sqrt(32))])];   // head and embedding are one
        Assert.InRange(Error(plain, two.Written(source, written, 2)), 0, Tolerance);
    }

    [Fact]
    public void Folder_written_as_GGUF_gives_the_same_logits()
    {
        (PublishedModel published, TinyModel model) = PublishedTinyModels.All["gemma3n"]();
        using ModelFile source = model.File();
        using Scratch folder = published.Write(source);
        using (var read = ModelFile.Open(folder.Folder))
            GgufWriter.Write(folder["back.gguf"], read.Metadata, [.. read.Tensors.Select(TensorSource.Copy)]);
        using Runs one = new(folder.Folder), two = new(folder["back.gguf"]);
        Assert.Equal(one.Logits(s_tokens, 24), two.Logits(s_tokens, 24));
    }

    private static void Compare(PublishedModel published, ModelFile source)
    {
        using ModelFile kept = published.Kept(source);
        using Scratch folder = published.Write(kept);
        using Runs one = new(kept), two = new(folder.Folder);
        Assert.Equal(kept.Architecture, two.File.Architecture);
        Assert.InRange(Error(one.Logits(s_tokens, 24), two.Logits(s_tokens, 7)), 0, Tolerance);
    }

    private static double Error(float[][] expected, float[][] got)
    {
        Assert.Equal(expected.Length, got.Length);
        double difference = 0, power = 0;
        foreach ((float[] one, float[] two) in expected.Zip(got))
        {
            Assert.Equal(one.Length, two.Length);
            for (int i = 0; i < one.Length; i++)
                (difference, power) = (difference + Math.Pow(one[i] - two[i], 2), power + Math.Pow(one[i], 2));
        }

        return difference / power;
    }
}
