using Thimble.Models.Files;
using Thimble.Planning;

namespace Thimble.Tests.Library.Planning;

public sealed class PlannerTests : IDisposable
{
    private readonly ModelFile _file = DefaultModel.Open();

    [Fact]
    public void Without_a_budget_nothing_is_lost()
    {
        Plan plan = Planned(new()).Required();
        Assert.Equal(("Q4_0", false, "F16", "memory", 0.0), (plan.WeightFormat, plan.Quantises, plan.CacheFormat, plan.Residency, plan.Loss));
        Assert.Equal(512, plan.Context);
        Assert.True(plan.PerToken > TimeSpan.Zero && plan.FirstToken > plan.PerToken);
        Assert.Contains(plan.Reasons, reason => reason.Contains("own format", StringComparison.Ordinal));
    }

    [Fact]
    public void A_plan_opens_the_model_as_it_says()
    {
        Plan plan = Planned(new() { Context = 100, Users = 3 }).Required();
        using var model = Model.OpenDefault(plan.Apply(new()));
        Assert.Equal(100, model.ContextLength);
    }

    [Fact]
    public void Less_memory_never_gives_a_better_plan()
    {
        PlanningResult[] results = [.. new[] { 400e6, 100e6, 80e6, 70e6, 66e6 }.Select(bytes => Planned(new() { MemoryBytes = (long)bytes, Users = 4 }))];
        double before = -1;
        foreach (PlanningResult result in results.Where(result => result.Best is not null))
        {
            Assert.True(result.Best!.Loss >= before);
            before = result.Best.Loss;
        }
    }

    [Fact]
    public void Every_plan_that_is_given_keeps_the_budget()
    {
        PlanOptions options = new() { MemoryBytes = 80_000_000, PerToken = TimeSpan.FromMilliseconds(1), FirstToken = TimeSpan.FromMilliseconds(50) };
        PlanningResult result = Planned(options);
        Plan plan = result.Required();
        Assert.True(plan.MemoryBytes <= options.MemoryBytes && plan.PerToken <= options.PerToken && plan.FirstToken <= options.FirstToken);
        Assert.True(result.Tried > 10);
    }

    [Fact]
    public void An_impossible_budget_says_what_by_how_much_and_what_works()
    {
        PlanningResult result = Planned(new() { MemoryBytes = 5_000_000, PerToken = TimeSpan.FromTicks(1) });
        Assert.Null(result.Best);
        Assert.Equal(["memory", "per token"], result.Shortfalls.Select(shortfall => shortfall.Constraint).Order());
        Assert.All(result.Shortfalls, shortfall => Assert.True(shortfall.Nearest > shortfall.Asked && shortfall.Best <= shortfall.Nearest));
        var refused = Assert.Throws<CapacityException>(() => result.Required());
        Assert.Contains("it works with --memory", refused.Message.Replace("It works", "it works", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void The_remedy_is_one()
    {
        PlanOptions impossible = new() { MemoryBytes = 5_000_000, Formats = [] };
        Shortfall memory = Assert.Single(Planned(impossible).Shortfalls);
        Assert.NotNull(Planned(impossible with { MemoryBytes = (long)(1.02 * memory.Nearest) }).Best);
    }

    [Fact]
    public void A_good_drafter_is_taken_and_a_bad_one_is_not()
    {
        using var folder = new Models.TemporaryFolder();
        string path = folder.Write("small.gguf", DefaultBytes());
        PlanOptions options = new() { Machine = Slow(), Drafter = path, Acceptance = 0, Threads = 1 };
        Assert.Null(Planner.Plan(_file, options).Required().Drafter);
    }

    [Fact]
    public void A_drafter_that_pays_is_opened_with_the_plan()
    {
        using var large = Thimble.Models.Files.HollowModel.Like(_file, Thimble.Compute.Formats.BlockFormats.Named("F32"));
        string path = Golden.Path("stories260K/stories260K.bin");
        Plan plan = Planner.Plan(large, new() { Machine = MachineTests.Made, Drafter = path, Acceptance = 0.95, Threads = 1, Formats = [], Context = 256 }).Required();
        Assert.Equal(path, plan.Drafter?.Model);
        Assert.Equal((path, "lookup"), (plan.Apply(new() { Draft = "lookup" }).Draft, (plan with { Drafter = null }).Apply(new() { Draft = "lookup" }).Draft));
    }

    [Fact]
    public void More_context_than_the_model_was_made_for_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Planned(new() { Context = 1 << 20 }));

    [Fact]
    public void A_device_of_the_table_can_be_planned_for()
    {
        PlanningResult result = Planner.Plan(_file, new() { Device = Devices.Named("raspberry_pi_4") });
        Assert.Equal("raspberry_pi_4", result.Machine);
        Assert.NotNull(result.Best);
    }

    public void Dispose() => _file.Dispose();

    private PlanningResult Planned(PlanOptions options) => Planner.Plan(_file, options with { Machine = MachineTests.Made });

    private static Machine Slow() => MachineTests.Made with { Kernels = [.. MachineTests.Made.Kernels.Select(rate => rate with { OperationsPerSecond = rate.OperationsPerSecond / 100 })] };

    private static byte[] DefaultBytes()
    {
        using Stream stream = typeof(Model).Assembly.GetManifestResourceStream(DefaultModel.Name)!;
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
