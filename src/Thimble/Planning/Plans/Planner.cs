using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Planning;

/// <summary>Chooses how to run a model within a budget, by predicting every way and taking the one that loses least and is fastest.</summary>
/// <example><code>
/// Plan plan = Planner.Plan("qwen3-0.6b-q4_0.gguf", new() { MemoryBytes = 2_000_000_000, Context = 8192 }).Required();
/// using var model = Model.Open("qwen3-0.6b-q4_0.gguf", plan.Apply(new()));
/// </code></example>
public static class Planner
{
    private const double ProcessBytes = 60e6;   // runtime, code, tokenizer
    private const double SameLoss = 1e-6;

    /// <summary>Plans for a model.</summary>
    /// <param name="path">A model, or the config.json of one; null for the model inside this library.</param>
    /// <param name="options">The budget.</param>
    /// <exception cref="NotSupportedException">This build does not run the model, or a format is unknown.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model was made for fewer tokens than the budget asks for.</exception>
    public static PlanningResult Plan(string? path, PlanOptions? options = null)
    {
        using ModelFile file = path is null ? DefaultModel.Open()
            : HuggingFaceConfig.Recognises(path) ? HuggingFaceConfig.Open(path, Compute.Formats.BlockFormats.Named("F16"))
            : ModelFile.Open(path);
        return Plan(file, options);
    }

    /// <summary>Plans for a model that is open.</summary>
    /// <param name="file">The model.</param>
    /// <param name="options">The budget.</param>
    public static PlanningResult Plan(ModelFile file, PlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        options ??= new();
        using var situation = new Situation(file, options);
        if (options.Context > situation.Made)
            throw new ArgumentOutOfRangeException(nameof(options), options.Context, $"Context is {options.Context}; '{file.Path}' was made for {situation.Made} tokens.");

        IEnumerable<Draft> drafts = [new Draft(new Plan { WeightFormat = situation.Own, Users = options.Users })];
        foreach (PlanChoice choice in PlanChoices.All)
            drafts = drafts.SelectMany(draft => choice.Offers(draft, situation));
        Plan[] plans = [.. drafts.Select(draft => Predicted(draft, situation))];
        Plan[] kept = [.. plans.Where(plan => Breaks(plan, situation).All(broken => broken.Ratio <= 1)).OrderBy(plan => Math.Round(plan.Loss / SameLoss)).ThenBy(Effort)];
        string name = file.Metadata.FindText("general.name") ?? file.Path;
        if (kept.Length > 0)
        {
            Plan? second = kept.FirstOrDefault(plan => plan with { PrefillChunk = kept[0].PrefillChunk } is { } like && like.ToString() != kept[0].ToString());
            return new(name, situation.MachineName, Explained(kept[0], second, situation), second, null, [], plans.Length);
        }

        Plan nearest = plans.MinBy(plan => Breaks(plan, situation).Max(broken => broken.Ratio))!;
        Shortfall[] shortfalls =
        [
            .. Breaks(nearest, situation).Where(broken => broken.Ratio > 1).Select(broken => new Shortfall(
                broken.Name, broken.Asked, broken.Asked * broken.Ratio, plans.Min(plan => Breaks(plan, situation).First(other => other.Name == broken.Name).Ratio) * broken.Asked)),
        ];
        return new(name, situation.MachineName, null, null, nearest, shortfalls, plans.Length);
    }

    /// <summary>What a plan takes of each constraint.</summary>
    private static IEnumerable<(string Name, double Asked, double Ratio)> Breaks(Plan plan, Situation situation)
    {
        yield return ("memory", situation.Memory, plan.MemoryBytes / situation.Memory);
        if (situation.Options.FirstToken is { } first)
            yield return ("first token", first.TotalSeconds, plan.FirstToken / first);
        if (situation.Options.PerToken is { } each)
            yield return ("per token", each.TotalSeconds, plan.PerToken / each);
    }

    /// <summary>Time of a prompt and an answer of 128 tokens, by which plans that lose alike are ranked.</summary>
    private static double Effort(Plan plan) => plan.FirstToken.TotalSeconds + (128 * plan.PerToken.TotalSeconds / plan.Users);

    private static Plan Predicted(Draft draft, Situation situation)
    {
        Plan plan = draft.Plan;
        int prompt = Math.Min(situation.Options.Prompt ?? Math.Min(512, Math.Max(1, plan.Context / 2)), plan.Context);
        double first = 0;
        for (int past = 0; past < prompt; past += plan.PrefillChunk)
            first += situation.Time(plan, new RunShape(1, Math.Min(plan.PrefillChunk, prompt - past), past)).Seconds;
        var step = new RunShape(plan.Users, draft.Verified, Math.Max(0, plan.Context - draft.Verified)) { Scored = draft.Verified };
        (double seconds, string bound) = situation.Time(plan, step);
        double each = ((seconds / draft.Speed) + draft.ExtraSecondsPerToken) / draft.TokensPerStep;
        return plan with
        {
            FirstToken = TimeSpan.FromSeconds((first / draft.Speed) + draft.ExtraSecondsPerToken),
            PerToken = TimeSpan.FromSeconds(each),
            Bound = draft.ExtraSecondsPerToken > seconds / draft.Speed ? "disk" : bound,
            CacheBytes = plan.Users * situation.StateBytes(plan.WeightFormat, plan.CacheFormat, plan.Context),
            OtherBytes = ProcessBytes + draft.ExtraBytes + situation.Activations(plan, new RunShape(1, Math.Min(plan.PrefillChunk, prompt), 0)),
        };
    }

    private static Plan Explained(Plan plan, Plan? second, Situation situation)
    {
        List<string> reasons = [.. plan.Reasons];
        reasons.Add(FormattableString.Invariant($"A token takes {plan.PerToken.TotalMilliseconds:G3} ms at {plan.Context} tokens, bound by {plan.Bound}; the first comes after {plan.FirstToken.TotalMilliseconds:G4} ms; memory {plan.MemoryBytes / 1e9:G3} of {situation.Memory / 1e9:G3} GB."));
        if (second is not null)
            reasons.Add(FormattableString.Invariant($"The runner-up, {second}, takes {second.PerToken.TotalMilliseconds:G3} ms a token and {second.MemoryBytes / 1e9:G3} GB{(second.Loss > plan.Loss + SameLoss ? " and loses more" : "")}."));
        return plan with { Reasons = reasons };
    }
}
