using System.Text;
using Thimble.Library;

namespace Thimble.Tests.Library.Shelf;

public sealed class ModelShelfTests : IDisposable
{
    private readonly HubFixture _hub = new();

    public void Dispose() => _hub.Dispose();

    [Fact]
    public async Task A_repository_s_usual_file_is_pulled_in_pieces()
    {
        ModelEntry entry = await _hub.Pull();
        Assert.Equal("hf.co/owner/repo:Q4_K_M", entry.Name);
        _hub.AssertPulled(entry);
        Assert.Equal(7, _hub.Storage.Requests.Length);
        Assert.Equal(entry.Path, _hub.Models.Find("hf.co/owner/repo"));
        int asked = _hub.Storage.Requests.Length;
        await _hub.Pull("hf.co/owner/repo:q4_k_m");
        Assert.Equal(asked, _hub.Storage.Requests.Length);
    }

    [Fact]
    public async Task The_token_stays_with_the_hub()
    {
        await _hub.Pull();
        Assert.All(_hub.Hub.Requests, asked => Assert.Equal("Bearer secret", asked.Token));
        Assert.All(_hub.Storage.Requests, asked => Assert.Null(asked.Token));
    }

    [Fact]
    public async Task An_expired_address_is_asked_for_again()
    {
        int asked = 0;
        _hub.OnStorage = request => ++asked == 3 ? new(403, []) : Answer.File(_hub.File, request);
        _hub.AssertPulled(await _hub.Pull());
    }

    [Fact]
    public async Task A_server_without_ranges_serves_too()
    {
        _hub.OnStorage = _ => new(200, _hub.File);
        _hub.AssertPulled(await _hub.Pull());
        Assert.Single(_hub.Storage.Requests);
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_taken_by_its_digest()
    {
        _hub.OnStorage = _ => new(200, _hub.File) { Length = null };
        _hub.AssertPulled(await _hub.Pull());
    }

    [Fact]
    public async Task Cut_bodies_are_asked_for_again()
    {
        int asked = 0;
        _hub.OnStorage = request =>
        {
            var whole = Answer.File(_hub.File, request);
            return ++asked % 2 == 1 && asked < 6 ? whole with { Body = whole.Body[..100], Length = whole.Body.Length } : whole;
        };
        _hub.AssertPulled(await _hub.Pull());
    }

    [Fact]
    public async Task Busy_servers_are_waited_for()
    {
        int asked = 0;
        _hub.OnStorage = request => ++asked switch
        {
            1 => new(429, [], ("Retry-After", "0")),
            3 => new(503, []),
            5 => new(500, []),
            _ => Answer.File(_hub.File, request),
        };
        _hub.AssertPulled(await _hub.Pull());
    }

    [Fact]
    public async Task A_server_that_stays_busy_is_given_up()
    {
        _hub.OnStorage = _ => new(429, [], ("Retry-After", "0"));
        HttpRequestException fault = await Assert.ThrowsAsync<HttpRequestException>(() => _hub.Pull());
        Assert.Contains("asked too often", fault.Message, StringComparison.Ordinal);
        Assert.Equal(4, _hub.Storage.Requests.Length);
        Assert.Empty(_hub.Models.List());
    }

    [Fact]
    public async Task A_long_wait_is_told_and_not_sat_through()
    {
        _hub.OnStorage = _ => new(429, [], ("Retry-After", "86400"));
        await Assert.ThrowsAsync<HttpRequestException>(() => _hub.Pull());
        Assert.Single(_hub.Storage.Requests);
    }

    [Theory, InlineData(401, "HF_TOKEN"), InlineData(403, "conditions")]
    public async Task A_gated_model_says_what_opens_it(int status, string remedy)
    {
        _hub.OnHub = _ => new(status, [], ("X-Error-Message", "Access to model owner/repo is restricted."));
        var fault = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => _hub.Pull());
        Assert.Contains("It says: Access to model owner/repo is restricted.", fault.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(HubFixture.Token, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_model_is_named_and_asked_for_once()
    {
        await Assert.ThrowsAsync<FileNotFoundException>(() => _hub.Pull("hf.co/owner/other"));
        Assert.Single(_hub.Hub.Requests);
        FileNotFoundException fault = await Assert.ThrowsAsync<FileNotFoundException>(() => _hub.Pull("hf.co/owner/repo:Q5_K_M"));
        Assert.Contains("it has Q4_K_M, Q8_0", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_bytes_never_reach_the_list()
    {
        byte[] wrong = [.. _hub.File];
        wrong[70_000] ^= 1;
        _hub.OnStorage = request => Answer.File(wrong, request);
        InvalidDataException fault = await Assert.ThrowsAsync<InvalidDataException>(() => _hub.Pull());
        Assert.Contains(_hub.Digest, fault.Message, StringComparison.Ordinal);
        Assert.Empty(_hub.Models.List());
        _hub.OnStorage = request => Answer.File(_hub.File, request);
        _hub.AssertPulled(await _hub.Pull());
    }

    [Fact]
    public async Task A_wrong_length_is_refused_at_once()
    {
        _hub.OnStorage = request => Answer.File(_hub.File[..50_000], request);
        InvalidDataException fault = await Assert.ThrowsAsync<InvalidDataException>(() => _hub.Pull());
        Assert.Contains("50000", fault.Message, StringComparison.Ordinal);
        Assert.Contains("100000", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_pull_goes_on_where_it_stopped()
    {
        using var stop = new CancellationTokenSource();
        int asked = 0;
        _hub.Options = _hub.Options with { Connections = 1 };
        _hub.OnStorage = request =>
        {
            if (++asked == 5)
                stop.Cancel();
            return Answer.File(_hub.File, request);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _hub.Pull(stop: stop.Token));
        Assert.Empty(_hub.Models.List());
        _hub.AssertPulled(await _hub.Pull());
        int[] twice = [.. _hub.Storage.Requests.GroupBy(request => request.Range!.Value.From).Where(group => group.Count() > 1).Select(group => group.Key)];
        Assert.True(twice.Length <= 1, $"Pieces fetched twice: {string.Join(", ", twice)}");
    }

    [Fact]
    public async Task A_file_that_changes_is_begun_anew()
    {
        int asked = 0;
        byte[] old = new byte[100_000];
        _hub.OnHub = request => request.Path.StartsWith("/api", StringComparison.Ordinal) ? _hub.Answer(request) : Answer.To($"{_hub.Storage.Address}blob");
        _hub.OnStorage = request => ++asked < 4 ? Answer.File(old, request, "\"old\"") : Answer.File(_hub.File, request, "\"new\"");
        _hub.AssertPulled(await _hub.Pull());
    }

    [Fact]
    public async Task Too_little_room_is_known_before()
    {
        _hub.Options = _hub.Options with { Room = _ => 99_999 };
        CapacityException fault = await Assert.ThrowsAsync<CapacityException>(() => _hub.Pull());
        Assert.Equal((100_000, 99_999), (fault.Needed, fault.Available));
        Assert.Empty(_hub.Storage.Requests);
    }

    [Fact]
    public async Task Too_little_room_for_an_address_is_known_once_its_length_is()
    {
        _hub.Options = _hub.Options with { Room = _ => 99_999 };
        foreach (bool ranges in (bool[])[true, false])
        {
            _hub.OnStorage = request => ranges ? Answer.File(_hub.File, request) : new(200, _hub.File);
            CapacityException fault = await Assert.ThrowsAsync<CapacityException>(() => _hub.Pull($"{_hub.Storage.Address}x.gguf"));
            Assert.Equal(100_000, fault.Needed);
        }
    }

    [Fact]
    public async Task Nothing_is_fetched_offline()
    {
        _hub.Options = _hub.Options with { Offline = true };
        NotSupportedException fault = await Assert.ThrowsAsync<NotSupportedException>(() => _hub.Pull());
        Assert.Contains("THIMBLE_OFFLINE", fault.Message, StringComparison.Ordinal);
        Assert.Empty(_hub.Hub.Requests);
    }

    [Fact]
    public async Task A_loop_of_redirections_ends()
    {
        _hub.OnStorage = _ => Answer.To("/again");
        InvalidDataException fault = await Assert.ThrowsAsync<InvalidDataException>(() => _hub.Pull());
        Assert.Contains("redirection", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_is_pulled_under_the_name_of_its_file()
    {
        ModelEntry entry = await _hub.Pull($"{_hub.Storage.Address}files/My%20tales.gguf?download=true");
        Assert.Equal("My-tales", entry.Name);
        _hub.AssertPulled(entry);
        Assert.All(_hub.Storage.Requests, asked => Assert.Null(asked.Token));
    }

    [Fact]
    public async Task Names_share_one_copy_and_the_last_takes_it_away()
    {
        ModelEntry entry = await _hub.Pull(alias: "mine");
        var shelf = new ModelShelf(_hub.Models, _hub.Options);
        shelf.Copy("mine", "owner/yours:v2");
        Assert.Equal(["mine", "owner/yours:v2"], _hub.Models.List().Select(model => model.Name));
        Assert.Equal(0, shelf.Remove("mine"));
        Assert.Equal(entry.Path, _hub.Models.Find("owner/YOURS:v2"));
        Assert.Equal(100_000, shelf.Remove("owner/yours:v2"));
        Assert.Empty(_hub.Models.List());
        Assert.Throws<FileNotFoundException>(() => shelf.Remove("mine"));
    }

    [Fact]
    public async Task Nothing_is_deleted_while_somebody_pulls()
    {
        ModelEntry entry = await _hub.Pull();
        var shelf = new ModelShelf(_hub.Models, _hub.Options);
        using (ShelfLock.TryTake(_hub.Models.Store.PullingLock, shared: true))
        {
            Assert.Equal(0, shelf.Remove(entry.Name));
            Assert.True(File.Exists(entry.Path));
        }

        Assert.Equal(100_000, _hub.Models.Store.Collect());
    }

    [Fact]
    public void A_file_of_the_user_s_own_is_named_in_place_and_removed_only_by_force()
    {
        string path = _hub.Folder.Write("own.gguf", [1, 2, 3]);
        var shelf = new ModelShelf(_hub.Models, _hub.Options);
        shelf.Copy("own", "alias");
        Assert.Equal(path, _hub.Models.Find("alias"));
        Assert.Contains("of your own", Assert.Throws<ArgumentException>(() => shelf.Remove("own")).Message, StringComparison.Ordinal);
        shelf.Remove("alias");
        Assert.True(File.Exists(path));
        Assert.Equal(3, shelf.Remove("own", ownFiles: true));
        Assert.False(File.Exists(path));
    }

    [Theory, InlineData("../x"), InlineData("a/../b"), InlineData("a b"), InlineData(".hidden"), InlineData("a:b:c"), InlineData("x\\y")]
    public void Names_that_lead_elsewhere_are_refused(string name)
    {
        _hub.Folder.Write("own.gguf", [1]);
        Assert.Throws<ArgumentException>(() => new ModelShelf(_hub.Models, _hub.Options).Copy("own", name));
        Assert.Null(_hub.Models.Find(name));
    }

    [Fact]
    public async Task Two_who_pull_one_model_fetch_it_once()
    {
        ModelEntry[] entries = await Task.WhenAll(_hub.Pull(), _hub.Pull(alias: "mine"));
        Assert.Equal(entries[0].Path, entries[1].Path);
        Assert.Equal(7, _hub.Storage.Requests.Length);
    }

    [Fact]
    public async Task A_folder_of_safetensors_is_pulled_with_its_names()
    {
        _hub.File = Encoding.UTF8.GetBytes("{}");
        _hub.OnHub = asked => asked.Path.StartsWith("/api", StringComparison.Ordinal)
            ? Answer.Text($$"""
                [{"type":"file","path":"config.json","oid":"9e26dfeeb6e641a33dae4961196235bdb965b21b","size":2},
                 {"type":"file","path":"model.safetensors","oid":"2","size":2,"lfs":{"oid":"{{_hub.Digest}}","size":2} },
                 {"type":"file","path":"onnx/model.onnx","oid":"4","size":9},{"type":"file","path":"tokenizer.json","oid":"9e26dfeeb6e641a33dae4961196235bdb965b21b","size":2}]
                """)
            : Answer.File(_hub.File, asked);
        ModelEntry entry = await _hub.Pull();
        Assert.Equal("hf.co/owner/repo", entry.Name);
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], Directory.EnumerateFiles(entry.Path).Select(Path.GetFileName).Order());
        Assert.Equal("{}", await File.ReadAllTextAsync(Path.Combine(entry.Path, "config.json")));
    }

    [Fact]
    public async Task A_file_named_out_of_the_model_is_refused()
    {
        _hub.OnHub = _ => Answer.Text("""[{"type":"file","path":"../../evil.gguf","oid":"1","size":1}]""");
        Assert.Contains("../../evil.gguf", (await Assert.ThrowsAsync<InvalidDataException>(() => _hub.Pull())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_manifests_hide_nothing_else()
    {
        _hub.Folder.Write("own.gguf", [1]);
        new ModelShelf(_hub.Models, _hub.Options).Copy("own", "alias");
        File.WriteAllText(_hub.Folder[".shelf/manifests/broken.json"], "{\"name\":");
        Assert.Equal(["alias", "own"], _hub.Models.List().Select(model => model.Name));
    }
}
