using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Thimble.Server.Access;

/// <summary>The keys that the server takes. It holds their hashes only.</summary>
/// <remarks>
/// <para>A file of keys has one on each line, <c>sha256:HEX NAME</c>, and behind it <c>priority=2</c> for one that goes before others and <c>admin</c> for one that may pull and delete; empty lines and those that begin with <c>#</c> do not count. Keys that
/// Thimble makes are 256 random bits, so that one round of SHA-256 is enough: there is no dictionary to try.</para>
/// <para>A key that is given by option and is the only one is its owner's, and may do everything; where there are several, or a file, only those may
/// change models that the file calls <c>admin</c>.</para>
/// <para>A presented key is compared with all of them in constant time.</para>
/// </remarks>
internal sealed class ApiKeys
{
    private const string Mark = "sha256:", Urgent = "priority=", Admin = "admin";

    private readonly (byte[] Hash, Tenant Tenant)[] _keys;

    private ApiKeys(IEnumerable<(byte[] Hash, Tenant Tenant)> keys) => _keys = [.. keys];

    /// <summary>How many there are; with none, everybody may ask.</summary>
    public int Count => _keys.Length;

    /// <summary>Reads the keys that options name.</summary>
    /// <exception cref="InvalidDataException">A line of the file is no key's hash; the message names file and line.</exception>
    public static ApiKeys Of(ServerOptions options)
    {
        List<(byte[], Tenant)> keys = [];
        bool isOwner = options is { ApiKeys.Count: 1, ApiKeyFile: null };
        foreach (string key in options.ApiKeys)
        {
            byte[] hash = Hash(key);
            keys.Add((hash, new("key-" + Convert.ToHexStringLower(hash.AsSpan(0, 4)), IsAdmin: isOwner)));
        }

        if (options.ApiKeyFile is { } file)
        {
            int line = 0;
            foreach (string text in File.ReadLines(file))
            {
                line++;
                if (text.AsSpan().Trim() is { Length: > 0 } trimmed && trimmed[0] != '#')
                    keys.Add(Parse(trimmed.ToString(), file, line));
            }
        }

        return new(keys);
    }

    /// <summary>Makes a key and adds its hash to a file.</summary>
    /// <param name="file">The file; it is created, readable by its owner alone, where there is none.</param>
    /// <param name="name">Whose it is: shown in logs and measures.</param>
    /// <param name="priority">Where not all requests can run at once, those of greater priority go first.</param>
    /// <param name="admin">Whether it may pull, make and delete models.</param>
    /// <returns>The key. It is shown this once and kept nowhere.</returns>
    public static string Add(string file, string name, int priority = 0, bool admin = false)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Any(char.IsWhiteSpace))
            throw new ArgumentException($"The name '{name}' has a space in it; expected one word.", nameof(name));

        string key = "tk-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(file, options);
        writer.Write($"{Mark}{Convert.ToHexStringLower(Hash(key))} {name}{(priority == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {Urgent}{priority}"))}{(admin ? " " + Admin : "")}\n");
        return key;
    }

    /// <summary>Whose key this is; null where it is nobody's.</summary>
    public Tenant? Find(string presented)
    {
        byte[] hash = Hash(presented);
        Tenant? found = null;
        foreach ((byte[] known, Tenant tenant) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, known))
                found = tenant;   // and on to the end: how long it takes says nothing
        }

        return found;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static (byte[], Tenant) Parse(string text, string file, int line)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        ReadOnlySpan<char> hex = words[0].StartsWith(Mark, StringComparison.Ordinal) ? words[0].AsSpan(Mark.Length) : "";
        byte[] hash = new byte[SHA256.HashSizeInBytes];
        if (hex.Length != 2 * hash.Length || Convert.FromHexString(hex, hash, out _, out _) != System.Buffers.OperationStatus.Done)
            throw new InvalidDataException($"Line {line} of '{file}' is no hashed key; expected '{Mark}', 64 hexadecimal digits and a name. Make one with 'thimble key NAME'.");
        var tenant = new Tenant(words.Length > 1 ? words[1] : $"key-{words[0].AsSpan(Mark.Length, 8)}");
        foreach (string word in words.Skip(2))
        {
            tenant = word == Admin ? tenant with { IsAdmin = true }
                : word.StartsWith(Urgent, StringComparison.Ordinal) && int.TryParse(word.AsSpan(Urgent.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int priority) ? tenant with { Priority = priority }
                : throw new InvalidDataException($"Line {line} of '{file}' has '{word}' behind the name; expected '{Urgent}' and a whole number, '{Admin}', or nothing.");
        }

        return (hash, tenant);
    }
}
