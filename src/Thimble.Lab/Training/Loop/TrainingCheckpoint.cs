using System.Runtime.InteropServices;
using Thimble.Compute.Formats;
using Thimble.Models.Files;

namespace Thimble.Lab.Training;

/// <summary>All that a training goes on from, bit for bit: parameters, the optimiser's memory, and where it stands in its texts.</summary>
/// <param name="Steps">Steps taken.</param>
/// <param name="Given">Samples learnt from.</param>
/// <param name="Recipe">Names what is trained and how; a checkpoint of another recipe is refused.</param>
/// <remarks>A GGUF file that appears under its name when it is whole: whenever the process ends, the last one written is there.</remarks>
internal sealed record TrainingCheckpoint(int Steps, long Given, string Recipe)
{
    private const string Kind = "thimble-training";

    /// <summary>Writes it.</summary>
    public void Save(string path, ITrainer trainer)
    {
        var metadata = new Metadata();
        metadata.Add("general.architecture", Kind);
        metadata.Add("training.steps", (long)Steps);
        metadata.Add("training.given", Given);
        metadata.Add("training.recipe", Recipe);
        var format = BlockFormats.Named("F32");
        GgufWriter.Write(
            path, metadata, [.. trainer.State().Select(state => new TensorSource(state.Name, format, [state.Numbers().Length], (_, bytes) => MemoryMarshal.AsBytes(state.Numbers()).CopyTo(bytes)))],
            workers: 1);
    }

    /// <summary>Reads one into a trainer.</summary>
    /// <param name="path">The file.</param>
    /// <param name="trainer">Of the same model and optimiser.</param>
    /// <param name="recipe">What is trained now.</param>
    /// <exception cref="InvalidDataException">It is damaged, or of another recipe, model or optimiser; nothing has changed.</exception>
    public static TrainingCheckpoint Load(string path, ITrainer trainer, string recipe)
    {
        using var file = ModelFile.Open(path);
        if (file.Metadata.FindText("general.architecture") != Kind)
            throw new InvalidDataException($"'{path}' is no checkpoint of a training.");
        string own = file.Metadata.FindText("training.recipe") ?? "";
        if (own != recipe)
            throw new InvalidDataException($"Checkpoint '{path}' is of another recipe ({own[..Math.Min(12, own.Length)]}…, this one is {recipe[..Math.Min(12, recipe.Length)]}…). Remove it to begin anew, or train with its own recipe.");
        foreach ((string name, Func<Span<float>> numbers) in trainer.State())
        {
            if (!file.TryGetTensor(name, out StoredTensor? tensor) || tensor.Rows * tensor.Columns != numbers().Length)
                throw new InvalidDataException($"Checkpoint '{path}' has no '{name}' of {numbers().Length} numbers: it is of another model or optimiser.");
        }

        foreach ((string name, Func<Span<float>> numbers) in trainer.State())
            file.Tensor(name).Values().CopyTo(numbers());
        var checkpoint = new TrainingCheckpoint(checked((int)Number(file, "training.steps")), Number(file, "training.given"), own);
        trainer.Resume(checkpoint.Steps);
        return checkpoint;
    }

    private static long Number(ModelFile file, string key) =>
        file.Metadata.FindInteger(key) ?? throw new InvalidDataException($"'{file.Path}' has no whole number '{key}'.");
}
