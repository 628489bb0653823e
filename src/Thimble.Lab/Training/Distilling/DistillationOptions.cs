namespace Thimble.Lab.Training;

/// <summary>Who is learnt from, and how.</summary>
public sealed record DistillationOptions
{
    /// <summary>The teacher: a path. Its tokenizer may be another one.</summary>
    public required string Teacher { get; init; }

    /// <summary>Where texts come from: <c>texts</c> as given, <c>on-policy</c> from the student, <c>sequence</c> from the teacher, learnt token by token.</summary>
    public string Way { get; init; } = "texts";

    /// <summary>How distributions are compared: <c>forward</c>, <c>reverse</c>, <c>skewed-forward</c> or <c>skewed-reverse</c>.</summary>
    public string Divergence { get; init; } = "forward";

    /// <summary>Share of the other distribution that the skewed ones mix in.</summary>
    public float Skew { get; init; } = 0.1f;

    /// <summary>What both sides' logits are divided by.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Share of the teacher in the loss; the rest is the token itself.</summary>
    public float Share { get; init; } = 0.5f;

    /// <summary>Tokens written in one go, on the student's or the teacher's own way.</summary>
    public int Tokens { get; init; } = 64;

    /// <summary>Tokens of each text that what is written goes on from.</summary>
    public int Prompt { get; init; } = 8;

    internal static IReadOnlyList<string> Ways { get; } = ["on-policy", "sequence", "texts"];

    internal static DistillationOptions? Read(RecipeKeys keys, List<string> notes)
    {
        bool mayLack = keys.Flag("if_there") ?? false;
        var made = new DistillationOptions { Teacher = keys.Path("model") ?? throw keys.Missing("model") };
        made = made with
        {
            Way = keys.Text("way") ?? made.Way,
            Divergence = keys.Text("divergence") ?? made.Divergence,
            Skew = keys.Number("skew") ?? made.Skew,
            Temperature = keys.Number("temperature") ?? made.Temperature,
            Share = keys.Number("share") ?? made.Share,
            Tokens = keys.Whole("tokens") ?? made.Tokens,
            Prompt = keys.Whole("prompt") ?? made.Prompt,
        };
        keys.RequireAllUsed();
        string where = $"Recipe '{keys.Path()}', 'teacher': ";
        return !Ways.Contains(made.Way) ? throw new InvalidDataException($"{where}'way' is '{made.Way}'; known: {string.Join(", ", Ways)}.")
            : !Divergences.Names.Contains(made.Divergence) ? throw new InvalidDataException($"{where}'divergence' is '{made.Divergence}'; known: {string.Join(", ", Divergences.Names)}.")
            : made.Skew is < 0 or >= 1 ? throw new InvalidDataException($"{where}'skew' is {made.Skew}; expected from 0 to below 1.")
            : made.Share is < 0 or > 1 ? throw new InvalidDataException($"{where}'share' is {made.Share}; expected from 0 to 1.")
            : made.Temperature <= 0 ? throw new InvalidDataException($"{where}'temperature' is {made.Temperature}; expected more than 0.")
            : mayLack && !Path.Exists(made.Teacher) ? Lacking(made, notes)
            : made.Tokens < 1 || made.Prompt < 1 ? throw new InvalidDataException($"{where}'tokens' is {made.Tokens} and 'prompt' {made.Prompt}; expected 1 at least.")
            : made;
    }

    private static DistillationOptions? Lacking(DistillationOptions made, List<string> notes)
    {
        notes.Add($"'teacher': {made.Teacher} is not there; the texts alone are learnt from");
        return null;
    }
}
