using System.Security.Cryptography;
using System.Text;
using Thimble.Models.Files;

namespace Thimble.Lab.Training;

/// <summary>Texts as tokens, kept beside a training's outcome so that one that goes on begins at once.</summary>
/// <remarks>Its name is a hash of all that tokens depend on: the tokenizer, the chat template, and each file's path, kind, size and time. A file of another name,
/// or one that is cut, is as good as none. Tokens and whether they are learnt are one number of seven bits a byte.</remarks>
internal static class SampleCache
{
    private const string Magic = "thimble-tokens-1";

    /// <summary>What the tokens of a recipe's texts depend on.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="metadata">The model's: its tokenizer and template.</param>
    public static string Key(TrainingRecipe recipe, Metadata metadata)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, Magic);
        Add(hash, recipe.Length);
        foreach (string key in metadata.Keys.Where(key => key.StartsWith("tokenizer.", StringComparison.Ordinal)))
        {
            Add(hash, key);
            if (metadata.TryGet(key, out object? value))
                Add(hash, value is MetadataArray array ? Joined(array) : value);
        }

        foreach (TrainingText text in recipe.Texts)
        {
            Add(hash, FormattableString.Invariant($"{text.Path}|{text.Kind}|{text.Most}"));
            foreach (string file in Files(text))
                Add(hash, FormattableString.Invariant($"{file}|{(File.Exists(file) ? new FileInfo(file).Length : -1)}|{File.GetLastWriteTimeUtc(file).Ticks}"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Samples of each text and lines that could not be read, if they were kept under this key.</summary>
    public static List<(Sample[] Samples, string[] Broken)>? Find(string path, string key)
    {
        if (!File.Exists(path))
            return null;
        using var reader = new BinaryReader(new BufferedStream(File.OpenRead(path), 1 << 16), Encoding.UTF8);
        try
        {
            if (reader.ReadString() != Magic || reader.ReadString() != key)
                return null;
            var texts = new List<(Sample[], string[])>();
            for (int left = reader.Read7BitEncodedInt(); left > 0; left--)
            {
                string[] broken = [.. Enumerable.Range(0, reader.Read7BitEncodedInt()).Select(_ => reader.ReadString())];
                texts.Add(([.. Enumerable.Range(0, reader.Read7BitEncodedInt()).Select(_ => Read(reader))], broken));
            }

            return reader.ReadString() == Magic ? texts : null;
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or IOException or OverflowException or ArgumentException)
        {
            return null;   // cut, or another program's: the texts themselves are there
        }
    }

    /// <summary>Keeps samples. The file appears under its name when it is whole.</summary>
    public static void Keep(string path, string key, IReadOnlyList<(Sample[] Samples, string[] Broken)> texts)
    {
        string unfinished = path + ".part";
        using (var writer = new BinaryWriter(new BufferedStream(File.Create(unfinished), 1 << 16), Encoding.UTF8))
        {
            writer.Write(Magic);
            writer.Write(key);
            writer.Write7BitEncodedInt(texts.Count);
            foreach ((Sample[] samples, string[] broken) in texts)
            {
                writer.Write7BitEncodedInt(broken.Length);
                foreach (string line in broken)
                    writer.Write(line);
                writer.Write7BitEncodedInt(samples.Length);
                foreach (Sample sample in samples)
                    Write(writer, sample);
            }

            writer.Write(Magic);
        }

        File.Move(unfinished, path, overwrite: true);
    }

    private static Sample Read(BinaryReader reader)
    {
        int kind = reader.ReadByte(), length = reader.Read7BitEncodedInt();
        int[] tokens = new int[length];
        bool[]? learnt = (kind & 1) == 0 ? null : new bool[length];
        for (int i = 0; i < length; i++)
        {
            int both = reader.Read7BitEncodedInt();
            tokens[i] = both >> 1;
            if (learnt is not null)
                learnt[i] = (both & 1) != 0;
        }

        return new Sample(tokens, learnt) { Rejected = (kind & 2) == 0 ? null : Read(reader) };
    }

    private static void Write(BinaryWriter writer, Sample sample)
    {
        writer.Write((byte)((sample.Learnt is null ? 0 : 1) | (sample.Rejected is null ? 0 : 2)));
        writer.Write7BitEncodedInt(sample.Tokens.Length);
        for (int i = 0; i < sample.Tokens.Length; i++)
            writer.Write7BitEncodedInt((sample.Tokens[i] << 1) | (sample.Learnt?[i] == true ? 1 : 0));
        if (sample.Rejected is not null)
            Write(writer, sample.Rejected);
    }

    /// <summary>The files of a text: those of a folder, and the schemas that stand beside guided dialogues.</summary>
    private static IEnumerable<string> Files(TrainingText text) => Directory.Exists(text.Path)
        ? Directory.EnumerateFiles(text.Path).Order(StringComparer.Ordinal)
        : text.Kind == "sgd" ? Directory.EnumerateFiles(Path.GetDirectoryName(text.Path)!, "schema_*.json").Order(StringComparer.Ordinal).Prepend(text.Path) : [text.Path];

    private static string Joined(MetadataArray array) => array.Kind switch
    {
        GgufKind.String => string.Join('\n', array.Texts()),
        GgufKind.Float32 or GgufKind.Float64 => string.Join('\n', array.Numbers()),
        GgufKind.Bool => string.Join('\n', array.Flags()),
        GgufKind.Array => string.Join('\n', array.Arrays().Select(Joined)),
        _ => string.Join('\n', array.Integers()),
    };

    private static void Add(IncrementalHash hash, object value)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? ""));
        hash.AppendData([0]);
    }
}
