using Thimble.Lab.Evaluate;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Evaluate;

public class CorpusTests
{
    [Fact]
    public void Cells_may_hold_commas_quotes_and_line_ends()
    {
        (int Line, string[] Cells)[] rows = [.. Csv.Read("a,\"b, \"\"c\"\"\",d\r\n\n\"two\nlines\",2\n\"end\"")];
        Assert.Equal([1, 3, 5], rows.Select(row => row.Line));
        Assert.Equal(["a", "b, \"c\"", "d"], rows[0].Cells);
        Assert.Equal(["two\nlines", "2"], rows[1].Cells);
        Assert.Equal(["end"], rows[2].Cells);
    }

    [Fact]
    public void Quotes_that_are_not_doubled_are_read_where_a_copy_has_them()
    {
        (int Line, string[] Cells)[] rows = [.. Csv.ReadUndoubled("\"He said \"no\", twice\",\"a\",\"b\",\"c\",\"d\",0\nbroken\n\"two\nlines\",\"a\",\"b\",\"c\",\"\"\"d\"\"\",3\n", 2)];
        Assert.Equal([2, 3, 4], rows.Select(row => row.Line));
        Assert.Equal("He said \"no\", twice", rows[0].Cells[0]);
        Assert.Equal(["broken"], rows[1].Cells);
        Assert.Equal(["two\nlines", "a", "b", "c", "\"d\"", "3"], rows[2].Cells);
    }

    [Fact]
    public void Broken_rows_are_named_and_the_others_read()
    {
        using var folder = new TemporaryFolder();
        Corpus data = Set(folder, "mmlu", "test/algebra_test.csv", "question,A,B,C,D,answer\nOne?,1,2,3,4,0\nTwo?,1,2,3,4\nThree?,1,2,3,4,Z\nFour?,1,,3,4,B\nFive?,1,2,3,4,D\n");
        Question[] questions = [.. ((QuestionSuite)Suites.Named("mmlu")).Read(data, Options())];
        Assert.Equal([0, 3], questions.Cast<Choice>().Select(choice => choice.Answer));
        Assert.Equal([3, 4, 5], data.Broken.Select(row => row.Number));
        Assert.Contains("5 cells", data.Broken[0].Reason, StringComparison.Ordinal);
        Assert.Contains("'Z'", data.Broken[1].Reason, StringComparison.Ordinal);
        Assert.Contains("cell 3 is empty", data.Broken[2].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_were_read_are_hashed()
    {
        using var folder = new TemporaryFolder();
        Corpus data = Set(folder, "x", "a.jsonl", "{\"q\":\"abc\"}\nnonsense\n{\"q\":1}\n");
        Row[] rows = [.. data.JsonLines("a.jsonl")];
        Assert.Equal("abc", rows[0].Text("q"));
        Assert.Null(rows[1].Text("q"));
        Assert.Equal([2, 3], data.Broken.Select(row => row.Number));
        Assert.Equal(29, data.Files[0].Bytes);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(folder["x/a.jsonl"]))), data.Files[0].Sha256);
    }

    [Fact]
    public void Data_that_is_not_there_is_said_to_come_from_somewhere()
    {
        using var folder = new TemporaryFolder();
        string message = Assert.Throws<DirectoryNotFoundException>(() => Suites.Named("mmlu").Open(folder.Path)).Message;
        Assert.Contains("github.com/hendrycks/test", message, StringComparison.Ordinal);
        Assert.Contains("--data", message, StringComparison.Ordinal);
    }

    internal static EvaluationOptions Options() => new() { Suites = [] };

    private static Corpus Set(TemporaryFolder folder, string name, string file, string text)
    {
        string path = Path.Combine(folder.Path, name, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return new Corpus(folder.Path, name, "From nowhere.");
    }
}
