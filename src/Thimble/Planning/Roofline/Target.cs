using Thimble.Models.Blocks;

namespace Thimble.Planning;

/// <summary>A machine as the cost engine sees it: how long arithmetic, bytes and messages of an operation take it.</summary>
internal abstract class Target
{
    /// <summary>Its name.</summary>
    public abstract string Name { get; }

    /// <summary>Told which run comes, since where its bytes lie depends on how many they are.</summary>
    public virtual void Begin(IReadOnlyList<Operation> operations)
    {
    }

    /// <summary>Seconds of an operation's arithmetic.</summary>
    public abstract double ComputeSeconds(Operation operation);

    /// <summary>Seconds of an operation's bytes.</summary>
    public abstract double MemorySeconds(Operation operation);

    /// <summary>Seconds of an operation's messages.</summary>
    public virtual double MessageSeconds(Operation operation) => 0;

    /// <summary>Seconds that come on top, whatever bounds the operation.</summary>
    public virtual double OverheadSeconds(Operation operation) => 0;

    /// <summary>The level of memory that an operation's bytes come from.</summary>
    public virtual string Level(Operation operation) => "memory";
}
