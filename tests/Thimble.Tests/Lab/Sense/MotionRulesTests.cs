using Thimble.Lab.Sense;

namespace Thimble.Tests.Lab.Sense;

public class MotionRulesTests
{
    /// <summary>Steps a minute, acceleration, climb, speed (NaN: none), and the labels that the rules give.</summary>
    public static TheoryData<double, double, double, double, string> Cases => new()
    {
        { 0, 0.05, 0, 0, "stationary" },
        { 2, 0.1, 0.05, 0.05, "stationary" },
        { 3, 0.05, 0, 0, "limited motion" },              // a step too many
        { 0, 0.2, 0, 0, "limited motion" },               // a little shaking
        { 0, 0.05, 0.5, 0, "limited motion" },            // a little climb
        { 0, 0.05, 0, 0.3, "limited motion" },            // a little speed
        { 0, 0.05, 0, double.NaN, "stationary" },
        { 11, 0.2, 0, 0, "not determined" },
        { 100, 1.2, 0, 1.3, "walking" },
        { 0, 1.2, 0, 1.3, "not determined" },             // the counter at nothing: no walking
        { 29, 1.2, 0, 1.3, "not determined" },
        { 100, 0.4, 0, 1.3, "not determined" },
        { 100, 1.2, 0, 1.8, "not determined" },
        { 100, 1.2, 0, double.NaN, "walking" },
        { 96, 2.5, 0, 5, "jogging or cycling" },
        { 96, 2.5, 0, double.NaN, "walking, jogging or cycling" },
        { 96, 2.5, 0, 8, "vehicle" },
        { 96, 1.9, 0, 5, "not determined" },
        { 160, 3.5, 0, 1.2, "jogging" },
        { 160, 3.5, 0, double.NaN, "jogging or cycling, jogging" },
        { 140, 3.5, 0, 1.2, "walking" },
        { 0, 2.5, 0, 0.6, "vehicle" },
        { 0, 0.2, 0, 8, "vehicle" },
        { 100, 1.2, 0, 8, "vehicle" },                    // eight metres a second: no walking
        { 4, 0.3, 3, 0.6, "escalator or elevator" },
        { 4, 0.3, -3, 0.6, "escalator or elevator" },
        { 4, 0.3, 3, 2.5, "vehicle" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Each_stream_changes_the_label_as_the_rules_say(double steps, double force, double climb, double speed, string labels) =>
        Assert.Equal(labels, string.Join(", ", MotionRules.Of(new(steps, force, climb, double.IsNaN(speed) ? null : speed, []), [])));

    [Fact]
    public void Where_no_rule_holds_the_window_before_counts() => Assert.Equal(["walking"], MotionRules.Of(new(20, 0.3, 0, 1, []), ["walking"]));
}
