namespace Thimble.Library;

/// <summary>How far a pull is.</summary>
/// <param name="Step">What is done, such as <c>pulling manifest</c>.</param>
/// <param name="Digest">The digest of the file that is fetched; null for other steps, or where the hub does not say.</param>
/// <param name="Completed">Bytes of that file that are there.</param>
/// <param name="Total">Bytes of that file; 0 for other steps, or where the server does not say.</param>
public readonly record struct PullProgress(string Step, string? Digest, long Completed, long Total);
