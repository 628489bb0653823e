using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Files;

namespace Thimble.Lab.Training;

/// <summary>The heads of a recipe: trained on its texts behind the model that it made.</summary>
internal static class MedusaRun
{
    /// <summary>Where the heads of an outcome are written.</summary>
    public static string PathOf(string output) => Path.ChangeExtension(output, null) + "-heads.safetensors";

    /// <summary>Trains and writes them.</summary>
    /// <param name="recipe">The recipe, whose outcome is there.</param>
    /// <param name="options">How many, and how.</param>
    /// <param name="samples">The texts.</param>
    /// <param name="cancellationToken">Ends it; nothing is written then.</param>
    /// <returns>Of each head, the share of tokens that were its likeliest in the last round.</returns>
    public static IReadOnlyList<double> Run(TrainingRecipe recipe, MedusaOptions options, IReadOnlyList<Sample> samples, CancellationToken cancellationToken)
    {
        using var file = ModelFile.Open(recipe.Output);
        using var team = new Team(recipe.Trainer.Threads ?? Cores.Best);
        var decoder = Architectures.Build(new Blueprint(file, new Opening(Precision.Floats, null)) { Context = recipe.Length });
        using var training = new MedusaTraining(decoder, options.Heads, team);
        int[] order = [.. Enumerable.Range(0, samples.Count)];
        new Random(recipe.Seed).Shuffle(order);
        for (int i = 0, tokens = 0; i < order.Length && tokens < options.Tokens; tokens += samples[order[i++]].Tokens.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            training.Read(samples[order[i]].Tokens);
        }

        IReadOnlyList<(double Loss, double Right)> heads = [];
        for (int epoch = 0; epoch < options.Epochs; epoch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            heads = training.Epoch(2 * epoch < options.Epochs ? options.Rate : options.Rate / 3);
        }

        training.Save(PathOf(recipe.Output));
        return [.. heads.Select(head => head.Right)];
    }
}
