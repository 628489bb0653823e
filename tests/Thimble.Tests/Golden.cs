namespace Thimble.Tests;

/// <summary>Where reference vectors lie: copied into the repository, or beside it.</summary>
internal static class Golden
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file of <c>tests/Thimble.Tests/Golden</c>.</summary>
    public static string Path(string name) => System.IO.Path.Combine(Root, "tests", "Thimble.Tests", "Golden", name);

    /// <summary>A file of the folder <c>shared</c> beside the repository, which a user's clone lacks.</summary>
    public static string Shared(string name) => System.IO.Path.Combine(Root, "..", "shared", name);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "Thimble.slnx")))
            folder = System.IO.Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests must run inside the repository.");
    }
}

/// <summary>A test on data that lies beside the repository and may not, or need not, be copied into it.</summary>
internal sealed class SharedFactAttribute : FactAttribute
{
    /// <param name="needs">Path below <c>../shared</c>.</param>
    /// <param name="cases">Cases left out where it is absent.</param>
    public SharedFactAttribute(string needs, int cases)
    {
        if (!System.IO.Path.Exists(Golden.Shared(needs)))
            Skip = $"{cases} cases left out: '../shared/{needs}' is not here.";
    }
}
