using System.Text;
using Thimble.Library;

namespace Thimble.Tests.Library.Shelf;

/// <summary>A registry that asks everybody for a token first, and the place that gives it.</summary>
public sealed class TokenChallengeTests : IDisposable
{
    private readonly HubFixture _hub = new();
    private readonly LoopbackHost _door;
    private Func<Asked, Answer> _onDoor = _ => Answer.Text("""{"token": "t1", "expires_in": 300}""");
    private string _token = "Bearer t1";

    public TokenChallengeTests()
    {
        _door = new LoopbackHost(asked => _onDoor(asked));
        _hub.OnHub = Registry;
    }

    public void Dispose()
    {
        _door.Dispose();
        _hub.Dispose();
    }

    [Fact]
    public async Task A_token_is_asked_for_once_where_the_registry_says()
    {
        _hub.AssertPulled(await _hub.Pull("tales"));
        Asked asked = Assert.Single(_door.Requests);
        Assert.Equal("/token?key=1&service=registry%20of%20tales&scope=repository%3Alibrary%2Ftales%3Apull%2Cpush", asked.Path);
        Assert.Null(asked.Token);
        Assert.Single(_hub.Hub.Requests, request => request.Token is null);
    }

    [Fact]
    public async Task The_token_goes_to_no_other_host()
    {
        _hub.OnHub = asked => asked.Token is not null && asked.Path.Contains("/blobs/", StringComparison.Ordinal) ? Answer.To($"{_hub.Storage.Address}blob") : Registry(asked);
        _hub.AssertPulled(await _hub.Pull("tales"));
        Assert.All(_hub.Storage.Requests, asked => Assert.Null(asked.Token));
    }

    [Fact]
    public async Task A_token_that_runs_out_is_asked_for_again()
    {
        int asked = 0;
        _onDoor = _ => Answer.Text($$"""{"access_token": "t{{++asked}}"}""");
        _hub.OnHub = request =>
        {
            Answer answer = Registry(request);
            _token = _hub.Hub.Requests.Length > 5 ? "Bearer t2" : "Bearer t1";
            return answer;
        };
        _hub.Options = _hub.Options with { Connections = 1 };
        _hub.AssertPulled(await _hub.Pull("tales"));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_login_opens_what_is_kept_to_some()
    {
        string expected = "Basic " + Convert.ToBase64String("ada:secret"u8);
        _onDoor = asked => asked.Token == expected ? Answer.Text("""{"token": "t1"}""") : new(401, []);
        UnauthorizedAccessException fault = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => _hub.Pull("tales"));
        Assert.Contains("THIMBLE_REGISTRY_LOGIN", fault.Message, StringComparison.Ordinal);
        _hub.Options = _hub.Options with { RegistryLogin = "ada:secret" };
        _hub.AssertPulled(await _hub.Pull("tales"));
        Assert.All(_hub.Hub.Requests, asked => Assert.DoesNotContain("Basic", asked.Token ?? "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_that_does_not_open_it_ends_the_pull()
    {
        _token = "Bearer other";
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => _hub.Pull("tales"));
        Assert.Single(_door.Requests);
        Assert.Empty(_hub.Models.List());
    }

    [Theory, InlineData("{}"), InlineData("[]"), InlineData("no json"), InlineData("""{"token": 3}"""), InlineData("""{"token": "a\r\nX: y"}""")]
    public async Task A_door_that_gives_no_token_is_named(string said)
    {
        _onDoor = _ => Answer.Text(said);
        InvalidDataException fault = await Assert.ThrowsAsync<InvalidDataException>(() => _hub.Pull("tales"));
        Assert.Contains($"{_door.Address}token", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer realm=\"Authentication required\", charset=\"UTF-8\""), InlineData("Basic realm=\"https://a.example/\""), InlineData("Bearer")]
    [InlineData("Bearer realm=\"file:///etc/passwd\""), InlineData("Bearer realm=\"ftp://a.example/\"")]
    public void What_names_no_address_is_no_challenge(string words) => Assert.Null(Of(words, "http://hub.example/x"));

    [Fact]
    public void Https_is_not_left_for_a_token()
    {
        const string words = "Bearer realm=\"http://a.example/t\"";
        Assert.Null(Of(words, "https://hub.example/x"));
        Assert.Equal("http://a.example/t", Of(words, "http://hub.example/x")!.Address.AbsoluteUri);
    }

    private static TokenChallenge? Of(string words, string asked)
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation("WWW-Authenticate", words);
        return TokenChallenge.Of(response, new(asked));
    }

    /// <summary>One model of one layer, for those who show the token.</summary>
    private Answer Registry(Asked asked)
    {
        if (asked.Token != _token)
            return new(401, [], ("WWW-Authenticate", $"Bearer realm=\"{_door.Address}token?key=1\",service=\"registry of tales\",scope=\"repository:library/tales:pull,push\""));
        string digest = BlobStore.Digest(_hub.File);
        return asked.Path switch
        {
            "/v2/library/tales/manifests/latest" => Answer.Text($$"""{"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"{{digest}}","size":{{_hub.File.Length}}}]}"""),
            _ when asked.Path.EndsWith(digest, StringComparison.Ordinal) => Answer.File(_hub.File, asked),
            _ => new(404, Encoding.UTF8.GetBytes("{}")),
        };
    }
}
