namespace Thimble.Server.Http;

/// <summary>An address and what answers it.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Pattern">The path, with parameters in braces.</param>
/// <param name="Dialect">How errors are written.</param>
/// <param name="AnswerAsync">Answers a request.</param>
internal sealed record Route(string Method, string Pattern, Dialect Dialect, Func<Exchange, Task> AnswerAsync)
{
    /// <summary>Whether it needs no key: what tells no more than that the server is there.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Whether it is a part of the page, which is there only where the options say so.</summary>
    public bool IsPage { get; init; }

    /// <summary>Whether it makes a model compute, and so takes a place in the queue.</summary>
    public bool Computes { get; init; }

    /// <summary>Whether it changes which models there are, which takes an administrator's key, or somebody at this machine where there are no keys.</summary>
    public bool Administers { get; init; }

    /// <summary>Whether its body may be a list rather than an object.</summary>
    public bool TakesList { get; init; }

    /// <summary>Whether its body is not JSON but a stream that the answer reads itself.</summary>
    public bool IsRaw { get; init; }
}
