using System.Xml.Linq;
using Thimble.Lab.Plots;

namespace Thimble.Tests.Lab.Plots;

public class ChartTests
{
    [Fact]
    public void A_picture_is_well_formed_and_holds_each_point()
    {
        var chart = new Chart("a < b & c", "bits", "t/s", [new("one", [(4.5, 70, "Q4_0"), (8.5, 40, "Q8_0")], Joined: true), new("two", [(16, 20, "")])]);
        var picture = XDocument.Parse(chart.ToSvg());
        Assert.Equal(3 + 2, picture.Descendants().Count(element => element.Name.LocalName == "circle"));   // points and legend
        Assert.Contains("a < b & c", picture.Descendants().Select(element => element.Value));
    }

    [Theory]
    [InlineData(0, 97, 0, 100, 20)]
    [InlineData(3, 4, 3, 4, 0.2)]
    [InlineData(5, 5, 5, 6, 1)]
    public void Axes_end_at_round_numbers(double low, double high, double first, double last, double step)
    {
        var axis = Axis.Of([low, high], fromZero: false);
        Assert.Equal((first, last, step), (Math.Round(axis.Low, 9), Math.Round(axis.High, 9), Math.Round(axis.Step, 9)));
    }

    [Fact]
    public void The_front_holds_what_nothing_beats() => Assert.Equal(
        ["a", "c", "d"], Chart.Front([(2, 9, "a"), (3, 10, "b"), (4, 6, "c"), (8, 5, "d"), (9, 5, "e")]).Select(point => point.Label));
}
