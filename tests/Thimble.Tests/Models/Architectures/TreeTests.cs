using Thimble.Compute.Kernels;
using Thimble.Models.States;

namespace Thimble.Tests.Models.Architectures;

/// <summary>Tokens that branch are, bit for bit, what each branch is alone.</summary>
public class TreeTests
{
    private static readonly int[] s_prompt = [.. Enumerable.Range(0, 60).Select(i => (i * 37) % TinyModel.Vocabulary)];
    private static readonly int[] s_parents = [-1, 0, 0, 2, 1, -1, 5, 3, 3];
    private static readonly int[] s_tokens = [3, 9, 14, 2, 8, 21, 5, 11, 30];

    [Theory]
    [InlineData("seed_oss", "F32")]
    [InlineData("gemma3", "F32")]
    [InlineData("baichuan", "F16")]
    [InlineData("seed_oss", "F16", 2)]
    public void Every_branch_is_itself_alone(string name, string cell, int threads = 1)
    {
        using Runs model = Open(name, cell, threads);
        using SequenceState trunk = model.Start();
        model.Feed((trunk, s_prompt));
        using SequenceState grown = trunk.Fork();
        float[][] tree = model.Feed(grown, s_tokens, new TokenTree(s_parents));
        foreach (int leaf in (int[])[4, 6, 7, 8])
        {
            int[] branch = Branch(leaf);
            using SequenceState alone = trunk.Fork();
            float[][] expected = model.Feed((alone, [.. branch.Select(i => s_tokens[i])]));
            for (int i = 0; i < branch.Length; i++)
                Assert.Equal(expected[i], tree[branch[i]]);
        }
    }

    [Fact]
    public void A_kept_branch_goes_on_as_if_alone()
    {
        using Runs model = Open("gemma3", "F16");
        using SequenceState grown = model.Start(), alone = model.Start();
        model.Feed((grown, s_prompt));
        model.Feed(grown, s_tokens, new TokenTree(s_parents));
        int[] branch = Branch(7);
        grown.Keep(s_tokens.Length, branch);
        model.Feed((alone, [.. s_prompt, .. branch.Select(i => s_tokens[i])]));
        Assert.Equal(alone.Length, grown.Length);
        Assert.Equal(model.Feed((alone, [17, 4]))[^1], model.Feed((grown, [17, 4]))[^1]);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(40)]
    [InlineData(123)]
    public void A_tree_grown_in_steps_is_the_tree_at_once(int length)
    {
        using Runs model = Open("gemma3", "F16");
        using SequenceState grown = model.Start(), whole = model.Start();
        int[] prompt = [.. Enumerable.Range(0, length).Select(i => (i * 37) % TinyModel.Vocabulary)];
        model.Feed((grown, prompt));
        model.Feed((whole, prompt));
        float[][] expected = model.Feed(whole, s_tokens, new TokenTree(s_parents));
        var tree = new TokenTree();
        List<float[]> steps = [];
        foreach (Range step in (Range[])[0..1, 1..3, 3..9])
        {
            foreach (int parent in s_parents[step])
                tree.Add(parent);
            steps.AddRange(model.Feed(grown, s_tokens[step], tree));
        }

        Assert.Equal(expected, steps);
    }

    private static Runs Open(string name, string cell, int threads = 1) => new((name switch
    {
        "gemma3" => TinyModelTests.Dense("gemma3", layers: 7).Norms("post_attention_norm", "post_ffw_norm").HeadNorms().Key("attention.sliding_window", 9L),
        "baichuan" => TinyModelTests.Dense("baichuan", layers: 40),
        _ => TinyModelTests.Attended(name).Gated().Norms("attn_norm", "post_attention_norm"),
    }).File(), cell: cell, threads: threads);

    private static int[] Branch(int leaf)
    {
        List<int> branch = [];
        for (int at = leaf; at >= 0; at = s_parents[at])
            branch.Insert(0, at);
        return [.. branch];
    }
}
