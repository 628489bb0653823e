using System.Security.Cryptography;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.Vision;

namespace Thimble;

/// <summary>A model's sight: a tower from a projector file, and the pictures it read last.</summary>
internal sealed class Sight : IDisposable
{
    private const int Kept = 16;

    private readonly Model _model;
    private readonly ModelFile _file;
    private readonly VisionTower _tower;
    private readonly IRegionOwner[] _owners;
    private readonly List<(string Hash, ReadImage Image)> _latest = [];

    /// <summary>Opens a projector file.</summary>
    /// <param name="model">The model that is to see.</param>
    /// <param name="path">The file.</param>
    /// <param name="opening">How its weights are opened.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or for models of another width.</exception>
    /// <exception cref="NotSupportedException">Its kind is unknown; the message lists those that are known.</exception>
    public Sight(Model model, string path, Opening opening)
    {
        (_model, _file) = (model, ModelFile.Open(path));
        try
        {
            _tower = Projectors.Open(_file, opening);
            if (_tower.Width != model.Width)
                throw new InvalidDataException($"The projector '{path}' gives vectors of {_tower.Width} features; '{model.Name}' takes {model.Width}. It belongs to another model.");
            if (_tower.Deeper > 0 && model.File.FindInt("n_deepstack_layers") is { } deeper && deeper != _tower.Deeper)
            {
                throw new InvalidDataException(
                    $"The projector '{path}' gives vectors for the first {_tower.Deeper} layers; '{model.Name}' takes some for {deeper} (n_deepstack_layers). It belongs to another model.");
            }

            _owners = [.. _tower.Weights.Select(weight => weight.Blocks.Owner).Distinct()];
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The projector file of a model: the one beside it that fits.</summary>
    /// <returns>Its path; null if there is none.</returns>
    /// <exception cref="NotSupportedException">There are several; the message names them.</exception>
    public static string? Beside(ModelFile model, int width)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(model.Path));
        if (folder is null || !Directory.Exists(folder))
            return null;
        string[] fitting = [.. Directory.EnumerateFiles(folder, "*mmproj*.gguf").Order(StringComparer.Ordinal).Where(path => Fits(path, width))];
        return fitting.Length < 2
            ? fitting.FirstOrDefault()
            : throw new NotSupportedException($"Several projectors beside '{model.Path}' fit it: {string.Join(", ", fitting.Select(Path.GetFileName))}. Name one in ModelOptions.Projector.");
    }

    /// <summary>Whether a projector file lies beside a model's, be it one that fits or not.</summary>
    public static bool IsBeside(string model) => Path.GetDirectoryName(Path.GetFullPath(model)) is { } folder && Directory.Exists(folder)
        && Directory.EnumerateFiles(folder, "*mmproj*.gguf").Any();

    /// <summary>Reads a picture.</summary>
    /// <param name="file">All bytes of its file.</param>
    /// <param name="tenant">Who shows it: that others have shown it already cannot be told from the time it takes.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that this build does not know.</exception>
    /// <exception cref="CapacityException">It has too many pixels.</exception>
    public ReadImage Read(ReadOnlySpan<byte> file, string tenant = "")
    {
        string hash = $"{Convert.ToHexString(SHA256.HashData(file))} {tenant}";
        lock (_latest)
        {
            int at = _latest.FindIndex(entry => entry.Hash == hash);
            if (at >= 0)
                return _latest[at].Image;
        }

        // View by view, so that texts being written go on between them.
        var image = ReadImage.By(_tower, Image.Decode(file), Read);
        lock (_latest)
        {
            _latest.Add((hash, image));
            if (_latest.Count > Kept)
                _latest.RemoveAt(0);
        }

        return image;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        foreach (Weight weight in _tower.Weights)
            weight.Dispose();
        _file.Dispose();
    }

    private GivenRows Read(Image view)
    {
        GivenRows? rows = null;
        _model.Engine.Use(pass =>
        {
            foreach (IRegionOwner owner in _owners)
                owner.Check();
            rows = _tower.Read(pass, view);
        });
        return rows!;
    }

    private static bool Fits(string path, int width)
    {
        using var file = ModelFile.Open(path);
        return Projectors.Fits(file, width);
    }
}
