using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Thimble.Cli.Options;
using Thimble.Cli.Output;
using Thimble.Lab.Training;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble train RECIPE</c>: a model, or an adapter, taught by texts.</summary>
internal static class TrainCommand
{
    public static Command Create(Terminal terminal)
    {
        var recipe = new Argument<string?>("RECIPE") { Description = "A YAML file that says what is trained, on what, and how; options say keys of it anew.", Arity = ArgumentArity.ZeroOrOne };
        var keys = new RecipeOptions();
        var replay = new Option<string>("--replay") { Description = "Lay a log of a training by losses alone on its base: give --model and --output too.", HelpName = "LOG" };
        var every = new Option<int>("--every") { Description = "Steps between two lines of progress.", HelpName = "N", DefaultValueFactory = _ => 10 };
        var command = new Command("train", "Teach a model, or an adapter, by a recipe.") { recipe, every, replay };
        keys.AddTo(command);
        command.SetAction((parsed, stop) => Task.Run(
            () => parsed.GetValue(replay) is { } log
                ? Replay(terminal, log, keys.Paths(parsed))
                : Run(terminal, TrainingRecipe.Load(parsed.GetValue(recipe), keys.Read(parsed)), Math.Max(1, parsed.GetValue(every)), stop), stop));
        return command;
    }

    private static int Replay(Terminal terminal, string log, (string? Model, string? Output) paths)
    {
        if (paths is not ({ } model, { } output))
            throw new ArgumentException("--replay needs --model, the base that the log is laid on, and --output.", nameof(paths));
        int steps = TrainingRun.Replay(log, model, output);
        Say(terminal, $"{output}: {steps} steps laid on {model}");
        return ExitCode.Success;
    }

    private static int Run(Terminal terminal, TrainingRecipe recipe, int every, CancellationToken stop)
    {
        foreach (string note in recipe.Notes)
            Say(terminal, $"{note}");
        using var run = new TrainingRun(recipe);
        (long learnt, long heldOut) = run.Tokens;
        Say(terminal, $"{run.Trained:N0} numbers to train; {learnt:N0} tokens to learn from, {heldOut:N0} held out");
        if (run.Broken.Count > 0)
            Say(terminal, $"{run.Broken.Count} lines could not be read and are left out: {string.Join("; ", run.Broken.Take(3))}");
        if (run.Steps > 0)
            Say(terminal, $"going on from step {run.Steps} in {Path.GetFileName(run.CheckpointPath)}");

        using var curve = new LearningCurve(recipe.Output, run.Steps);
        var lines = new ProgressLines(terminal, recipe.Trainer.Steps, run.Steps, every, curve);
        double loss;
        try
        {
            loss = run.Train(lines, stop);
        }
        finally
        {
            curve.WritePage();   // also of a training that fails: its curve often tells why
        }

        terminal.Out.Write(curve.ToText());
        Say(terminal, $"learning curve: {curve.PagePath}");
        if (stop.IsCancellationRequested)
        {
            Say(terminal, $"stopped after step {run.Steps}; run the recipe again to go on");
            return ExitCode.Interrupted;
        }

        if (run.Heads.Count > 0)
            Say(terminal, $"{run.HeadsPath}: heads right in {string.Join(", ", run.Heads.Select(share => share.ToString("P1", CultureInfo.InvariantCulture)))} of the tokens that they learnt from");
        Say(terminal, $"{recipe.Output}: held-out loss {loss:F4} nats a token; at most {Units.Bytes(run.Bytes)} of memory");
        return ExitCode.Success;
    }

    private static void Say(Terminal terminal, FormattableString text)
    {
        terminal.Out.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        terminal.Out.Flush();   // somebody watches a file too
    }

    /// <summary>A line of progress now and then.</summary>
    private sealed class ProgressLines(Terminal terminal, int steps, int begun, int every, LearningCurve curve) : IProgress<TrainingNews>
    {
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private long _tokens;

        public void Report(TrainingNews value)
        {
            curve.Report(value);
            TrainingStep step = value.Step;
            _tokens += step.Tokens;
            if (step.Number % every == 0 || step.Number == steps || step.Number == begun + 1)
            {
                double perSecond = _tokens / _clock.Elapsed.TotalSeconds, left = _clock.Elapsed.TotalSeconds / (step.Number - begun) * (steps - step.Number);
                Say(terminal, $"step {step.Number}/{steps}  loss {step.Loss:F4}  right {step.Accuracy:P1}  gradient {step.Norm:F2}  rate {step.Rate:E2}{(step.Sparsity is { } share ? string.Create(CultureInfo.InvariantCulture, $"  gates at nothing {share:P1}") : "")}  {perSecond:N0} tokens/s  {TimeSpan.FromSeconds(Math.Round(left))} left");
            }

            if (value.HeldOut is { } loss)
                Say(terminal, $"held out after step {step.Number}: {loss:F4} nats a token, perplexity {Math.Exp(loss):F2}");
        }
    }
}
