using Thimble.Library;
using Thimble.Tests.Models;

namespace Thimble.Tests.Library.Shelf;

public sealed class ModelHostTests : IDisposable
{
    private const long OneModel = 5_000_000;   // the story model takes 2.9 MB, and 1.6 MB for its 512 tokens of cache

    private static readonly string s_story = Path.Combine(Golden.Root, "models", "tinystories.gguf");

    private readonly TemporaryFolder _folder = new();
    private readonly HandClock _clock = new();
    private ModelHost _host;

    public ModelHostTests()
    {
        foreach (string name in (string[])["a", "b", "c"])
            File.Copy(s_story, _folder[name + ".gguf"]);
        _host = Host(OneModel * 10);
    }

    public void Dispose()
    {
        _host.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Two_askers_share_one_opening()
    {
        Task<ModelLease>[] asked = [.. Enumerable.Range(0, 4).Select(i => Task.Run(() => _host.RentAsync(i % 2 == 0 ? "a" : "A.gguf")))];
        ModelLease[] leases = await Task.WhenAll(asked);
        Assert.All(leases, lease => Assert.Same(leases[0].Model, lease.Model));
        Assert.Equal(4, Assert.Single(_host.Loaded()).Requests);
        foreach (ModelLease lease in leases)
            lease.Dispose();
        Assert.Equal(_clock.GetUtcNow() + TimeSpan.FromMinutes(5), Assert.Single(_host.Loaded()).Expires);
    }

    [Fact]
    public async Task A_model_stays_for_its_keep_alive_and_no_longer()
    {
        Model model = await Use("a");
        _clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Same(model, await Use("a"));
        _clock.Advance(TimeSpan.FromMinutes(4));
        Assert.True(Assert.Single(_host.Loaded()).IsOpen);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await Until(() => _host.Loaded().Count == 0);
        Assert.Throws<ObjectDisposedException>(() => model.CreateSession());
    }

    [Fact]
    public async Task Keep_alive_is_each_lease_s_own()
    {
        await Use("a", Timeout.InfiniteTimeSpan);
        _clock.Advance(TimeSpan.FromDays(365));
        Assert.Null(Assert.Single(_host.Loaded()).Expires);
        await Use("a", TimeSpan.Zero);
        await Until(() => _host.Loaded().Count == 0);
    }

    [Fact]
    public async Task The_model_unused_longest_makes_room()
    {
        _host.Dispose();
        _host = Host(OneModel * 10, models: 2);
        await Use("a");
        await Use("b");
        await Use("a");
        await Use("c");
        Assert.Equal(["a", "c"], _host.Loaded().Select(model => model.Name));
    }

    [Fact]
    public async Task A_running_request_is_never_cut()
    {
        _host.Dispose();
        _host = Host(OneModel);
        ModelLease first = await _host.RentAsync("a");
        Task<ModelLease> second = _host.RentAsync("b");
        string text = await first.Model.Generate("Once upon a time", new() { MaxTokens = 8 }).TextAsync();
        Assert.NotEmpty(text);
        Assert.False(second.IsCompleted);
        first.Dispose();
        using ModelLease lease = await second;
        Assert.Equal("b", Assert.Single(_host.Loaded(), model => model.IsOpen).Name);
    }

    [Fact]
    public async Task Waiting_for_room_ends()
    {
        _host.Dispose();
        _host = Host(OneModel);
        using ModelLease first = await _host.RentAsync("a");
        Task<ModelLease> second = _host.RentAsync("b");
        await Until(() => _clock.Waiting > 0);
        _clock.Advance(TimeSpan.FromMinutes(5));
        CapacityException fault = await Assert.ThrowsAsync<CapacityException>(() => second);
        Assert.Contains("Requests to 'a' hold the rest", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_never_fits_is_refused_before_it_is_opened()
    {
        _host.Dispose();
        _host = Host(1_000_000);
        CapacityException fault = await Assert.ThrowsAsync<CapacityException>(() => _host.RentAsync("a"));
        Assert.Equal(1_000_000, fault.Available);
        Assert.InRange(fault.Needed, 2_900_000, OneModel);
        Assert.Contains("smaller model", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_reaches_all_and_the_next_tries_again()
    {
        string path = _folder.Write("d.gguf", [71, 71, 85, 70, 9]);
        Task<ModelLease>[] asked = [_host.RentAsync("d"), _host.RentAsync("d")];
        foreach (Task<ModelLease> one in asked)
            Assert.Contains("d.gguf", (await Assert.ThrowsAnyAsync<Exception>(() => one)).Message, StringComparison.Ordinal);
        Assert.Empty(_host.Loaded());
        File.Copy(s_story, path, overwrite: true);
        Assert.NotNull(await Use("d"));
    }

    [Fact]
    public async Task A_replaced_file_is_opened_anew_while_the_old_one_runs_on()
    {
        ModelLease old = await _host.RentAsync("a");
        File.Copy(s_story, _folder["new"]);
        File.SetLastWriteTimeUtc(_folder["new"], new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        File.Move(_folder["new"], _folder["a.gguf"], overwrite: true);
        using ModelLease now = await _host.RentAsync("a");
        Assert.NotSame(old.Model, now.Model);
        Assert.NotEmpty(await old.Model.Generate("The dog", new() { MaxTokens = 8 }).TextAsync());
        old.Dispose();
        await Until(() => _host.Loaded().Count == 1);
        Assert.NotEmpty(await now.Model.Generate("The dog", new() { MaxTokens = 8 }).TextAsync());
    }

    [Fact]
    public async Task A_cancelled_asker_leaves_the_opening_to_the_others()
    {
        using var cancelled = new CancellationTokenSource();
        Task<ModelLease> one = _host.RentAsync("a", cancelled.Token), other = _host.RentAsync("a");
        await cancelled.CancelAsync();
        using ModelLease lease = await other;
        Exception? fault = await Record.ExceptionAsync(async () => (await one).Dispose());
        Assert.True(fault is null or OperationCanceledException);
        Assert.Equal(1, Assert.Single(_host.Loaded()).Requests);
    }

    [Fact]
    public async Task Unloading_waits_for_the_last_request()
    {
        ModelLease lease = await _host.RentAsync("a");
        Assert.True(_host.Unload("a"));
        Assert.True(Assert.Single(_host.Loaded()).IsOpen);
        lease.Dispose();
        await Until(() => _host.Loaded().Count == 0);
        Assert.False(_host.Unload("a"));
    }

    [Fact]
    public async Task Paths_are_refused_unless_allowed()
    {
        FileNotFoundException fault = await Assert.ThrowsAsync<FileNotFoundException>(() => _host.RentAsync(s_story));
        Assert.Contains("no model", fault.Message, StringComparison.Ordinal);
        _host.Dispose();
        _host = new ModelHost(new() { Folder = new(_folder.Path), AllowPaths = true, Names = new Dictionary<string, string> { ["tales"] = s_story } }, _clock);
        Model tales = await Use("tales");
        Assert.Same(tales, await Use(s_story));
        Assert.Equal(["a", "b", "c", "tales"], _host.List().Select(model => model.Name));
    }

    [Fact]
    public async Task The_story_model_is_the_default()
    {
        using ModelLease lease = await _host.RentAsync(null);
        Assert.Equal("default", lease.Name);
        Assert.Null(Assert.Single(_host.Loaded()).Path);
    }

    private ModelHost Host(long bytes, int? models = null) =>
        new(new() { Folder = new(_folder.Path), MemoryBytes = bytes, MaxModels = models, Model = new() { Threads = 1 } }, _clock);

    private async Task<Model> Use(string name, TimeSpan? keepAlive = null)
    {
        using ModelLease lease = await _host.RentAsync(name);
        lease.KeepAlive = keepAlive;
        return lease.Model;
    }

    /// <summary>Waits for what other threads are about to do.</summary>
    private static async Task Until(Func<bool> done)
    {
        for (int i = 0; i < 1_000_000 && !done(); i++)
            await Task.Yield();
        Assert.True(done());
    }
}
