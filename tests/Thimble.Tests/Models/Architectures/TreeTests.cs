using Thimble.Compute.Kernels;
using Thimble.Models.States;
using static Thimble.Tests.Compute.EveryLane;

namespace Thimble.Tests.Models.Architectures;

/// <summary>Tokens that branch are what each branch is alone.</summary>
public class TreeTests
{
    private static readonly int[] s_prompt = [.. Enumerable.Range(0, 60).Select(i => (i * 37) % TinyModel.Vocabulary)];
    private static readonly int[] s_parents = [-1, 0, 0, 2, 1, -1, 5, 3, 3];
    private static readonly int[] s_tokens = [3, 9, 14, 2, 8, 21, 5, 11, 30];

    [Theory]
    [InlineData("seed_oss", "F32")]
    [InlineData("gemma3", "F32")]
    [InlineData("baichuan", "F16")]
    public void Every_branch_is_itself_alone(string name, string cell)
    {
        using Runs model = Open(name, cell);
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
                Close(expected[i], tree[branch[i]], 1e-4);
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
        Close(model.Feed((alone, [17, 4]))[^1], model.Feed((grown, [17, 4]))[^1], 1e-3);
    }

    private static Runs Open(string name, string cell) => new((name switch
    {
        "gemma3" => TinyModelTests.Dense("gemma3", layers: 7).Norms("post_attention_norm", "post_ffw_norm").HeadNorms().Key("attention.sliding_window", 9L),
        "baichuan" => TinyModelTests.Dense("baichuan", layers: 40),
        _ => TinyModelTests.Attended(name).Gated().Norms("attn_norm", "post_attention_norm"),
    }).File(), cell: cell);

    private static int[] Branch(int leaf)
    {
        List<int> branch = [];
        for (int at = leaf; at >= 0; at = s_parents[at])
            branch.Insert(0, at);
        return [.. branch];
    }
}
