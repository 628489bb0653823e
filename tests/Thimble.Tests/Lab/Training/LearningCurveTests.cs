using Thimble.Lab.Training;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Training;

/// <summary>Learning curves in a file, a terminal and a page.</summary>
public sealed class LearningCurveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_curve_is_drawn_and_the_page_needs_nothing_else()
    {
        using (LearningCurve curve = Curve(1, 50, 0))
        {
            Assert.Contains("held out", curve.ToText(), StringComparison.Ordinal);
            Assert.Contains("o", curve.ToText(), StringComparison.Ordinal);
            curve.WritePage();
        }

        string page = File.ReadAllText(_folder["out.gguf.html"]);
        foreach (string title in (string[])["Loss", "Rate", "Speed", "perplexity", "nats a token"])
            Assert.Contains(title, page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_training_that_goes_on_goes_on_with_its_curve()
    {
        Curve(1, 12, 0).Dispose();
        File.AppendAllText(_folder["out.gguf.curve.csv"], "13,2.");   // killed in the middle of a line
        using LearningCurve curve = Curve(11, 20, begun: 10);
        Assert.Equal(Enumerable.Range(1, 20), curve.Points.Select(point => point.Step));
        Assert.Equal(5 - (0.1 * 7), curve.Points[6].Loss, 1e-12);
    }

    [Fact]
    public void A_curve_without_steps_is_empty()
    {
        using var curve = new LearningCurve(_folder["none.gguf"]);
        curve.WritePage();
        Assert.Equal("", curve.ToText());
    }

    public void Dispose() => _folder.Dispose();

    private LearningCurve Curve(int first, int last, int begun)
    {
        var curve = new LearningCurve(_folder["out.gguf"], begun);
        for (int step = first; step <= last; step++)
            curve.Report(new TrainingNews(new TrainingStep(step, 5 - (0.1 * step), 0.5, 1, 0.01f, 100), step % 10 == 0 ? 5.1 - (0.1 * step) : null));
        return curve;
    }
}
