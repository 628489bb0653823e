namespace Thimble.Tests.Server;

/// <summary>A test that runs somebody else's client in Node; <c>npm ci</c> in <c>tests/clients</c> makes it run.</summary>
internal sealed class ClientFactAttribute : FactAttribute
{
    /// <param name="package">The client's package.</param>
    /// <param name="cases">Cases left out where it is absent.</param>
    public ClientFactAttribute(string package, int cases)
    {
        bool hasNode = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "node.exe" : "node")));
        if (!hasNode || !Directory.Exists(Path.Combine(Folder, "node_modules", package)))
            Skip = $"{cases} cases left out: {(hasNode ? $"'npm ci' in tests/clients brings '{package}'" : "there is no Node")}.";
    }

    /// <summary>Where the clients are.</summary>
    public static string Folder => Path.Combine(Golden.Root, "tests", "clients");
}
