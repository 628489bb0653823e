using Thimble.Lab.Measure;

namespace Thimble.Tests.Lab.Measure;

public class LlamaTraceTests
{
    // The totals of the first graph of the log that brave-experiments/MELT-public ships (MIT), Llama-2-7B Q4_0 on four threads.
    private const string Log = """
        llama_new_context_with_model: compute buffer total size = 76.38 MB
        === GRAPH ===
        n_nodes = 3
         -   0: [  4096,     2,     1]         GET_ROWS   (  1) cpu =   0.129 /   0.129 ms, wall =   0.037 /   0.037 ms
         -   1: [  4096,     2,     1]          MUL_MAT   (  1) cpu =  18.562 /  18.562 ms, wall =   5.255 /   5.255 ms
         -   2: [  8192,     1,     1]              CPY   (  1) cpu =   0.909 /   0.909 ms, wall =   0.026 /   0.026 ms
        n_leafs = 1
         -   0: [  4096,  4096]     NONE blk.18.attn_v.weight
        perf_total_per_op_us[             ADD] =   0.617 ms
        perf_total_per_op_us[             MUL] =   0.855 ms
        perf_total_per_op_us[        RMS_NORM] =   0.505 ms
        perf_total_per_op_us[         MUL_MAT] = 387.252 ms
        perf_total_per_op_us[           SCALE] =   0.085 ms
        perf_total_per_op_us[             CPY] =  22.673 ms
        perf_total_per_op_us[            CONT] =   0.264 ms
        perf_total_per_op_us[         RESHAPE] =   0.099 ms
        perf_total_per_op_us[            VIEW] =   0.132 ms
        perf_total_per_op_us[         PERMUTE] =   0.065 ms
        perf_total_per_op_us[       TRANSPOSE] =   0.033 ms
        perf_total_per_op_us[        GET_ROWS] =   0.037 ms
        perf_total_per_op_us[        SOFT_MAX] =   0.154 ms
        perf_total_per_op_us[            ROPE] =   0.992 ms
        perf_total_per_op_us[           UNARY] =   0.974 ms
        ========================================
        === GRAPH ===
        n_nodes = 2
         -   0: [  4096,     1,     1]          MUL_MAT   (  1) cpu =   8.226 /   8.226 ms, wall =   3.783 /   3.783 ms
         -   1: [    32,     1,    32]         SOFT_MAX   (  1) cpu =   0.012 /   0.012 ms, wall =   0.005 /   0.005 ms
        """;

    [Fact]
    public void Graphs_are_read_with_their_totals()
    {
        LlamaGraph[] graphs = [.. LlamaTrace.Read(Log.Split('\n'))];
        Assert.Equal([3, 2], graphs.Select(graph => graph.Nodes.Count));
        Assert.Equal([4096, 2, 1], graphs[0].Nodes[1].Shape);
        Assert.Equal(0.934, graphs[0].ShareOf("MUL_MAT"), 0.0005);   // the study's own share
        Assert.Equal(3.783 / 3.788, graphs[1].ShareOf("MUL_MAT"), 1e-9);
    }

    [Fact]
    public void A_log_becomes_a_row_for_each_graph_and_a_median()
    {
        IReadOnlyList<string[]> rows = MeltReport.LlamaLog(Log.Split('\n'));
        Assert.Equal(["1", "3", "414.7", "93.4 %"], rows[1]);
        Assert.Equal(["median", "", "209.3", ""], rows[^1]);
    }

    [Fact]
    public void A_log_that_breaks_off_or_is_no_log_is_named()
    {
        Assert.Contains("2 of 9", Assert.Throws<InvalidDataException>(() => LlamaTrace.Read([.. Log.Split('\n')[..2], "n_nodes = 9", .. Log.Split('\n')[3..5]]).ToArray()).Message, StringComparison.Ordinal);
        Assert.Contains("Line 2", Assert.Throws<InvalidDataException>(() => LlamaTrace.Read(["n_nodes = 1", "nonsense"]).ToArray()).Message, StringComparison.Ordinal);
        Assert.Empty(LlamaTrace.Read(["Log start", ""]));
    }
}
