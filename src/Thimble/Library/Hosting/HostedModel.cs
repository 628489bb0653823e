namespace Thimble.Library;

/// <summary>One model of a host, from the first time it is asked for until it is closed. The host's lock guards all that changes.</summary>
/// <param name="source">Where it comes from.</param>
/// <param name="stamp">The state its file was in.</param>
internal sealed class HostedModel(ModelSource source, FileStamp stamp)
{
    public ModelSource Source { get; } = source;

    public FileStamp Stamp { get; } = stamp;

    /// <summary>The open model, or why there is none; all who ask for it wait for this.</summary>
    public TaskCompletionSource<Model> Opening { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ModelSummary? Summary { get; set; }

    /// <summary>What is always applied to it.</summary>
    public IReadOnlyList<AppliedAdapter> Adapters { get; set; } = [];

    /// <summary>Bytes set aside for it.</summary>
    public long Reserved { get; set; }

    /// <summary>Those who use it, or wait for it.</summary>
    public int Leases { get; set; }

    public TimeSpan KeepAlive { get; set; }

    public DateTimeOffset? Expires { get; set; }

    /// <summary>The host's count of returns when this one was last used: greater is later.</summary>
    public long LastUsed { get; set; }

    public ITimer? Timer { get; set; }

    /// <summary>Whether new requests get another: its file was replaced, or it is being closed.</summary>
    public bool IsRetired { get; set; }

    /// <summary>Whether it closes when its last user goes, whatever its keep-alive.</summary>
    public bool IsUnwanted { get; set; }

    /// <summary>Whether it is being closed.</summary>
    public bool IsClosing { get; set; }

    public bool IsOpen => Opening.Task.IsCompletedSuccessfully && !IsClosing;

    /// <summary>Whether closing it would disturb nobody.</summary>
    public bool IsIdle => IsOpen && Leases == 0;

    public LoadedModel Describe() => new(
        Source.Name, Source.Path, Summary, Reserved, IsOpen ? Opening.Task.GetAwaiter().GetResult().ContextLength : 0, Leases, IsOpen, Expires);
}
