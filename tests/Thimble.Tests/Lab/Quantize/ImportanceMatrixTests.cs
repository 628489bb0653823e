using System.Text;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Lab.Quantize;
using Thimble.Models.Files;

namespace Thimble.Tests.Lab.Quantize;

public class ImportanceMatrixTests
{
    private static readonly string s_text = File.ReadAllText(Golden.Path("stories-text/stories.txt"));

    [Fact]
    public void Every_matrix_of_the_layers_is_known_and_survives_the_file()
    {
        using var folder = new Models.TemporaryFolder();
        var gathered = ImportanceMatrix.Gather(null, s_text, "stories", new() { Length = 64, Limit = 2 });
        gathered.Save(folder["i.gguf"]);
        var read = ImportanceMatrix.Load(folder["i.gguf"]);
        using ModelFile file = DefaultModel.Open();
        string[] matrices = [.. file.Tensors.Where(tensor => tensor.Name.StartsWith("blk.", StringComparison.Ordinal) && tensor.Rows > 1).Select(tensor => tensor.Name)];
        Assert.Equal(matrices.Order(StringComparer.Ordinal), read.Tensors.Where(name => name.StartsWith("blk.", StringComparison.Ordinal)));
        Assert.Equal(("stories", 2, 64), (read.Dataset, read.Chunks, read.ChunkLength));
        foreach (string name in matrices)
            Assert.Equal(gathered.Find(file.Tensor(name)).ToArray(), read.Find(file.Tensor(name)).ToArray());
    }

    [Fact]
    public void Experts_are_summed_apart()
    {
        using var file = new ModelFile("m", new Metadata(), [Stored("blk.0.ffn_up_exps.weight", 32, 4, 2), Stored("blk.0.attn_q.weight", 32, 4)]);
        using var memory = new Allocation(4096);
        var collector = new ImportanceCollector(file);
        float[] x = [.. Enumerable.Range(0, 64).Select(i => (float)i)];
        collector.See(Weight("blk.0.ffn_up_exps.weight[1]"), new Matrix(x, 32));
        collector.See(Weight("blk.0.ffn_up_exps.weight[1]"), new Matrix(x, 32));
        collector.See(Weight("blk.0.attn_q.weight[1]"), new Matrix(x, 32));
        ImportanceMatrix matrix = collector.Matrix("m", null, 1, 2);
        Assert.True(matrix.TryGet("blk.0.ffn_up_exps.weight", out ColumnSums? experts));
        Assert.True(matrix.TryGet("blk.0.attn_q.weight", out ColumnSums? whole));
        Assert.Equal([0, 4], experts.Counts);
        Assert.Equal([0, 0, (2 * 2) + (2 * 34 * 34) + 4], [experts.Squares[2], experts.Squares[31], experts.Squares[34]]);
        Assert.Equal((2f, 1 + (33f * 33)), (whole.Counts[0], whole.Squares[1]));

        Weight Weight(string name) => new(name, BlockFormats.Named("F32"), 4, 32, memory.Region.Part(0, 512), new(Precision.Floats));
    }

    [Fact]
    public void Sums_become_shares_of_their_mean()
    {
        Assert.Equal([0.5f, 1.5f, 1, 1, 1e-5f, 2], new ColumnSums([1, 3, 9, 9, 0, 7], [4, 0, 1]).Importances(2));
        Assert.Equal([1, 1], new ColumnSums([0, 0], [4]).Importances(2));
    }

    [Fact]
    public void The_older_layout_is_read()
    {
        using var folder = new Models.TemporaryFolder();
        Write(folder["i.dat"], writer => Entry(writer, 5, [1, 3]), chunks: 7);
        var matrix = ImportanceMatrix.Load(folder["i.dat"]);
        Assert.Equal(("wiki", 7), (matrix.Dataset, matrix.Chunks));
        Assert.Equal([0.5f, 1.5f], matrix.Find(Stored("blk.0.attn_q.weight", 2, 4)).ToArray());
        Assert.True(matrix.Find(Stored("blk.1.attn_q.weight", 2, 4)).IsEmpty);
    }

    [Fact]
    public void Another_models_importances_are_refused_by_name()
    {
        using var folder = new Models.TemporaryFolder();
        Write(folder["i.dat"], writer => Entry(writer, 5, [1, 3]), chunks: 7);
        string message = Assert.Throws<InvalidDataException>(() => ImportanceMatrix.Load(folder["i.dat"]).Find(Stored("blk.0.attn_q.weight", 8, 4))).Message;
        Assert.Contains("2 importances for tensor 'blk.0.attn_q.weight'; its 1 matrices of 8 columns take 8", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_are_refused()
    {
        using var folder = new Models.TemporaryFolder();
        Write(folder["nan.dat"], writer => Entry(writer, 5, [1, float.NaN]), chunks: 7);
        Write(folder["many.dat"], writer => writer.Write(-3), chunks: 7);
        File.WriteAllBytes(folder["short.dat"], [1, 0, 0]);
        File.WriteAllBytes(folder["empty.dat"], [0, 0, 0, 0]);
        File.Copy(Path.Combine(Golden.Root, "models", "tinystories.gguf"), folder["model.gguf"]);
        foreach (string name in (string[])["nan.dat", "many.dat", "short.dat", "empty.dat", "model.gguf"])
            Assert.Contains(name, Assert.Throws<InvalidDataException>(() => ImportanceMatrix.Load(folder[name])).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => ImportanceMatrix.Load(folder["none.gguf"]));
    }

    private static StoredTensor Stored(string name, params long[] shape) => new(name, BlockFormats.Named("F32"), shape, () => throw new InvalidOperationException());

    private static void Entry(BinaryWriter writer, int calls, float[] values)
    {
        byte[] name = Encoding.UTF8.GetBytes("blk.0.attn_q.weight");
        writer.Write(1);
        writer.Write(name.Length);
        writer.Write(name);
        writer.Write(calls);
        writer.Write(values.Length);
        foreach (float value in values)
            writer.Write(value);
    }

    private static void Write(string path, Action<BinaryWriter> entries, int chunks)
    {
        using var writer = new BinaryWriter(File.Create(path));
        entries(writer);
        writer.Write(chunks);
        writer.Write(4);
        writer.Write("wiki"u8);
    }
}
