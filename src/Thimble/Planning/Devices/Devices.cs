namespace Thimble.Planning;

/// <summary>The devices that are known without owning one, each table added by its own file.</summary>
public static class Devices
{
    private static readonly SortedDictionary<string, Device> s_known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyCollection<Device> All => s_known.Values;

    /// <summary>The device of a name, whatever its case.</summary>
    /// <param name="name">Its name, or a part of it that no other has.</param>
    /// <exception cref="NotSupportedException">There is none, or several; the message lists the known ones.</exception>
    public static Device Named(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (s_known.TryGetValue(name, out Device? device))
            return device;
        Device[] like = [.. s_known.Values.Where(known => known.Name.Contains(name, StringComparison.OrdinalIgnoreCase))];
        return like.Length == 1 ? like[0] : throw new NotSupportedException(
            $"Device '{name}' is {(like.Length == 0 ? "unknown" : "one of several")}; known: {string.Join(", ", (like.Length == 0 ? s_known.Values : (IEnumerable<Device>)like).Select(known => known.Name))}.");
    }

    /// <summary>Adds a table. Its own file calls this when the assembly loads.</summary>
    internal static void Add(params ReadOnlySpan<Device> devices)
    {
        foreach (Device device in devices)
            s_known.Add(device.Name, device);
    }
}
