using Thimble.Models.Blocks;
using Thimble.Planning;

namespace Thimble.Tests.Library.Planning;

public class CalibrationTests
{
    private static readonly Efficiency[] s_true = [new("Q4_0", "memory", 0.8), new("Q8_0", "compute", 0.5), new("attention", "compute", 0.3)];

    [Fact]
    public void Shares_that_made_the_times_are_found()
    {
        Machine fitted = Calibration.Fit(MachineTests.Made, Runs());
        foreach (Efficiency truth in s_true)
            Assert.Equal(truth.Share, fitted.Efficiencies.First(share => (share.Kernel, share.Level) == (truth.Kernel, truth.Level)).Share, 2);
    }

    [Fact]
    public void Fitting_to_half_predicts_the_other_half()
    {
        TimedRun[] runs = Runs();
        Machine fitted = Calibration.Fit(MachineTests.Made, [.. runs.Where((_, i) => i % 2 == 0)]);
        (double median, double worst, double correlation, double ratio) = Calibration.Score(fitted, [.. runs.Where((_, i) => i % 2 == 1)]);
        Assert.InRange(median, 0, 0.02);
        Assert.InRange(worst, 0, 0.1);
        Assert.InRange(correlation, 0.98, 1);
        Assert.InRange(ratio, 1, 1.05);
        Assert.True(Calibration.Score(MachineTests.Made, runs).MedianError > 0.1);
    }

    [Fact]
    public void Without_runs_nothing_changes() => Assert.Empty(Calibration.Fit(MachineTests.Made, []).Efficiencies);

    private static TimedRun[] Runs()
    {
        var truth = new MeasuredTarget(MachineTests.Made with { Efficiencies = s_true }, 1);
        var random = new Random(3);
        return
        [
            .. Enumerable.Range(0, 20).Select(_ =>
            {
                Operation[] operations =
                [
                    new("a", "Q4_0") { IsProduct = true, Rows = 1, Operations = 1e6, WeightBytes = 1e8 * (0.5 + random.NextDouble()) },
                    new("b", "Q8_0") { IsProduct = true, Rows = 64, Operations = 1e9 * (0.5 + random.NextDouble()), WeightBytes = 1e6 },
                    new("c", Operation.Attention) { Rows = 1, Operations = 5e8 * random.NextDouble(), CacheReadBytes = 1e5 },
                ];
                return new TimedRun(operations, 1, Roofline.Of(operations, truth).Seconds);
            }),
        ];
    }
}
