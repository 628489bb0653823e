using Thimble.Lab.Sense;

namespace Thimble.Tests.Lab.Sense;

public class WindowReadingTests
{
    private static readonly DayStretch s_train = new(new(2024, 3, 22, 8, 0, 0, TimeSpan.Zero), 10, MotionRules.Vehicle, "on a train", "commuting", ["MTR", "far"]);

    public static TheoryData<string> Motions => ["stationary", "limited motion", "walking", "jogging or cycling", "jogging", "vehicle", "escalator or elevator"];

    [Theory, MemberData(nameof(Motions))]
    public void A_generated_motion_is_found_again(string motion)
    {
        for (int seed = 0; seed < 20; seed++)
            Assert.Contains(motion, MotionRules.Of(Read(SensorGenerator.Files(s_train with { Motion = motion }, s_train.Start, seed)), []));
    }

    [Fact]
    public void Four_satellites_are_too_few_for_a_speed()
    {
        Assert.Equal(14, Read(SensorGenerator.Files(s_train, s_train.Start, 1, satellites: 5)).Speed);
        Assert.Null(Read(SensorGenerator.Files(s_train, s_train.Start, 1, satellites: 4)).Speed);
    }

    [Fact]
    public void Without_a_counter_steps_are_peaks_of_the_acceleration()
    {
        var files = new Dictionary<string, string>(SensorGenerator.Files(s_train with { Motion = MotionRules.Jogging }, s_train.Start, 1), StringComparer.Ordinal);
        double counted = Read(files).Steps;
        files.Remove("Step_Counter");
        Assert.InRange(Read(files).Steps / counted, 0.85, 1.15);
    }

    [Fact]
    public void Weak_networks_and_ones_own_say_nothing()
    {
        var files = new Dictionary<string, string>(SensorGenerator.Files(s_train with { Networks = [] }, s_train.Start, 1), StringComparer.Ordinal);
        long time = s_train.Start.ToUnixTimeMilliseconds() + 1;
        files["WiFi"] = $"{time},3,{time},\"weak\",a,2437,-86\n{time},3,{time},\"near, by\",b,2437,-60\n{time},3,{time},\"nearer\",c,2437,-50\n{time},3,{time},\"mine\",d,2437,-30\n";
        WindowFeatures window = WindowReading.Of(new SensorFiles(files), ownNetwork: "mine").First().Features;
        Assert.Equal(["nearer", "near, by"], window.Networks);
    }

    [Fact]
    public void A_broken_row_is_named()
    {
        string message = Assert.Throws<InvalidDataException>(() => new SensorFiles(new Dictionary<string, string> { ["Pressure"] = "1,1013\nnoon,1013\n" })).Message;
        Assert.Contains("Pressure.csv, row 2", message, StringComparison.Ordinal);
    }

    private static WindowFeatures Read(IReadOnlyDictionary<string, string> files) => WindowReading.Of(new SensorFiles(files)).First().Features;
}
