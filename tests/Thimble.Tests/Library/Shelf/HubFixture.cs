using System.Security.Cryptography;
using Thimble.Library;
using Thimble.Tests.Models;

namespace Thimble.Tests.Library.Shelf;

/// <summary>A hub with one repository, another host that keeps its large files, and a shelf that pulls from them.</summary>
internal sealed class HubFixture : IDisposable
{
    public const string Token = "secret";

    public HubFixture(int bytes = 100_000)
    {
        File = new byte[bytes];
        new Random(5).NextBytes(File);
        OnHub = Answer;
        OnStorage = asked => Shelf.Answer.File(File, asked);
        Storage = new LoopbackHost(asked => OnStorage(asked));
        Hub = new LoopbackHost(asked => OnHub(asked));
        Options = new HubOptions
        {
            HuggingFace = Hub.Address,
            HuggingFaceToken = Token,
            Registry = Hub.Address,
            RetryDelay = TimeSpan.FromMilliseconds(1),
            Retries = 3,
            PieceBytes = 16_384,
        };
    }

    public TemporaryFolder Folder { get; } = new();

    public LoopbackHost Hub { get; }

    public LoopbackHost Storage { get; }

    public byte[] File { get; set; }

    public HubOptions Options { get; set; }

    public Func<Asked, Answer> OnHub { get; set; }

    public Func<Asked, Answer> OnStorage { get; set; }

    public ModelFolder Models => new(Folder.Path);

    public string Digest => Convert.ToHexStringLower(SHA256.HashData(File));

    public Task<ModelEntry> Pull(string name = "hf.co/owner/repo", string? alias = null, CancellationToken stop = default) =>
        new ModelShelf(Models, Options).PullAsync(name, alias, null, stop);

    /// <summary>The repository: one file of 4 bits in large storage, one of 8 that nobody has, and a small one in git.</summary>
    public Answer Answer(Asked asked) => asked.Path switch
    {
        "/api/models/owner/repo/tree/main?recursive=true" => Shelf.Answer.Text($$"""
            [{"type":"directory","path":"x","oid":"1","size":0},
             {"type":"file","path":"repo-Q4_K_M.gguf","oid":"2","size":{{File.Length}},"lfs":{"oid":"{{Digest}}","size":{{File.Length}},"pointerSize":134} },
             {"type":"file","path":"repo-Q8_0.gguf","oid":"3","size":7,"lfs":{"oid":"{{new string('0', 64)}}","size":7,"pointerSize":134} },
             {"type":"file","path":"README.md","oid":"4","size":9}]
            """),
        "/owner/repo/resolve/main/repo-Q4_K_M.gguf" => Shelf.Answer.To($"{Storage.Address}blob?signed=1", ("X-Linked-Etag", $"\"{Digest}\"")),
        _ => new(404, []),
    };

    /// <summary>Whether the shelf holds exactly the file, and lists it.</summary>
    public void AssertPulled(ModelEntry entry)
    {
        Assert.Equal(File, System.IO.File.ReadAllBytes(entry.Path));
        Assert.Contains(Models.List(), model => model.Name == entry.Name && model.Bytes == File.Length);
        Assert.Empty(Directory.EnumerateFiles(Folder[".shelf/partial"], "*.pieces"));
    }

    public void Dispose()
    {
        Hub.Dispose();
        Storage.Dispose();
        Folder.Dispose();
    }
}
