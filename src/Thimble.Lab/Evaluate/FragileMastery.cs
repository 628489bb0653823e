using System.Globalization;
using Thimble.Compute;

namespace Thimble.Lab.Evaluate;

/// <summary>What specialising costs: how one-sided a model became, what it lost elsewhere, and what of its skill carries over.</summary>
/// <remarks>
/// <para>With <c>S[m, d]</c> the score of model m on domain d, m₀ the base and mₜ a model specialised on t:
/// <c>DSI = (S[mₜ,t] − mean_{d≠t} S[mₜ,d]) / S[mₜ,t]</c>, <c>GG = mean_{d≠t} (S[m₀,d] − S[mₜ,d]) / S[m₀,d]</c>,
/// <c>CDTR(t→d) = (S[mₜ,d] − chance_d) / (S[m_d,d] − chance_d)</c>, with <c>m_d</c> the model specialised on d at the same bits.</para>
/// <para>The paper names the three without formulas that could be had; these definitions are ours. The routed model (GEM, SCAR) that is to
/// lessen the cost is missing; only the measure of it is here.</para>
/// </remarks>
[Technique("Fragile Mastery", "Jayant et al., Fragile Mastery: Are Domain-Specific Trade-Offs Undermining On-Device Language Models?, 2025")]
public static class FragileMastery
{
    /// <summary>Works the three out for each specialised model.</summary>
    /// <param name="matrix">Scores of models on domains.</param>
    /// <exception cref="ArgumentException">There is no base, or a row does not fit the domains.</exception>
    public static MasteryReport Of(ScoreMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        matrix.Check();
        ScoredModel first = matrix.Models.First(model => model.Specialised is null);
        ModelMastery[] models = [.. matrix.Models.Where(model => model.Specialised is not null).Select(model => Of(matrix, first, model))];
        return new(models,
        [
            Against("DSI", models, model => model.Specialisation), Against("GG", models, model => model.Loss), Against("CDTR", models, model => model.MeanTransfer),
        ]);
    }

    private static ModelMastery Of(ScoreMatrix matrix, ScoredModel first, ScoredModel model)
    {
        int own = matrix.Place(model.Specialised!);
        int[] others = [.. Enumerable.Range(0, matrix.Domains.Count).Where(domain => domain != own)];
        double? elsewhere = others.Length > 0 ? others.Average(domain => model.Scores[domain]) : null;
        double? specialisation = Ratio(model.Scores[own] - elsewhere, model.Scores[own]);
        double[] losses = [.. others.Where(domain => first.Scores[domain] != 0).Select(domain => (first.Scores[domain] - model.Scores[domain]) / first.Scores[domain])];
        Transfer[] transfers = [.. others.Select(domain => new Transfer(matrix.Domains[domain], Carried(matrix, model, domain)))];
        return new(model.Name, model.Specialised!, model.BitsPerWeight, specialisation, losses.Length > 0 ? losses.Average() : null, transfers);
    }

    private static double? Carried(ScoreMatrix matrix, ScoredModel model, int domain)
    {
        ScoredModel? expert = matrix.Models.FirstOrDefault(other => other.Specialised == matrix.Domains[domain] && other.BitsPerWeight == model.BitsPerWeight);
        double chance = matrix.Chance?[domain] ?? 0;
        return expert is null ? null : Ratio(model.Scores[domain] - chance, expert.Scores[domain] - chance);
    }

    private static MasteryTrend Against(string metric, ModelMastery[] models, Func<ModelMastery, double?> figure)
    {
        (double Bits, double Value)[] points = [.. models.Where(model => model.BitsPerWeight is not null && figure(model) is not null).Select(model => (model.BitsPerWeight!.Value, figure(model)!.Value))];
        double[] bits = [.. points.Select(point => point.Bits)], values = [.. points.Select(point => point.Value)];
        return new(metric, points.Length, Correlation.Pearson(bits, values), Correlation.Spearman(bits, values));
    }

    private static double? Ratio(double? value, double whole) => whole == 0 ? null : value / whole;
}

/// <summary>Scores of models on domains.</summary>
/// <param name="Domains">The domains.</param>
/// <param name="Models">The models: one base and those specialised.</param>
/// <param name="Chance">What guessing scores on each domain; null for 0.</param>
public sealed record ScoreMatrix(IReadOnlyList<string> Domains, IReadOnlyList<ScoredModel> Models, IReadOnlyList<double>? Chance = null)
{
    /// <summary>Reads a matrix from comma-separated values: a first line <c>model,specialised,bits,DOMAIN,…</c>, then a line each; the base has no
    /// second cell, and a line named <c>chance</c> holds what guessing scores.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="InvalidDataException">A cell is no number, or a line has too few.</exception>
    public static ScoreMatrix Parse(string text, string name = "the matrix")
    {
        (int Line, string[] Cells)[] rows = [.. Csv.Read(text)];
        if (rows.Length == 0 || rows[0].Cells is not ["model", "specialised", "bits", _, ..])
            throw new InvalidDataException($"{name}, line 1: expected model,specialised,bits and at least one domain.");
        string[] domains = rows[0].Cells[3..];
        List<ScoredModel> models = [];
        double[]? chance = null;
        foreach ((int line, string[] cells) in rows[1..])
        {
            if (cells.Length != domains.Length + 3)
                throw new InvalidDataException($"{name}, line {line}: it has {cells.Length} cells; the first line has {domains.Length + 3}.");
            double[] scores = [.. cells[3..].Select((cell, i) => Number(cell, domains[i], line))];
            if (cells[0] == "chance")
                chance = scores;
            else
                models.Add(new(cells[0], cells[1].Length > 0 ? cells[1] : null, cells[2].Length > 0 ? Number(cells[2], "bits", line) : null, scores));
        }

        return new(domains, models, chance);

        double Number(string cell, string column, int line) => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new InvalidDataException($"{name}, line {line}, column '{column}': '{cell}' is no number.");
    }

    internal int Place(string domain) => Domains.ToList().IndexOf(domain);

    internal void Check()
    {
        if (Models.Count(model => model.Specialised is null) != 1)
            throw new ArgumentException($"{Models.Count(model => model.Specialised is null)} models have no domain they are specialised on; expected one, the base.");
        foreach (ScoredModel model in Models)
        {
            if (model.Scores.Count != Domains.Count)
                throw new ArgumentException($"'{model.Name}' has {model.Scores.Count} scores; there are {Domains.Count} domains.");
            if (model.Specialised is { } domain && Place(domain) < 0)
                throw new ArgumentException($"'{model.Name}' is specialised on '{domain}'; the domains are {string.Join(", ", Domains)}.");
        }
    }
}

/// <summary>A model's scores.</summary>
/// <param name="Name">The model.</param>
/// <param name="Specialised">The domain it was specialised on; null for the base.</param>
/// <param name="BitsPerWeight">Bits per weight; null if unknown.</param>
/// <param name="Scores">A score for each domain; greater is better.</param>
public sealed record ScoredModel(string Name, string? Specialised, double? BitsPerWeight, IReadOnlyList<double> Scores);

/// <summary>What specialising did to models.</summary>
/// <param name="Models">Each specialised model.</param>
/// <param name="Trends">How each figure goes with bits per weight.</param>
public sealed record MasteryReport(IReadOnlyList<ModelMastery> Models, IReadOnlyList<MasteryTrend> Trends);

/// <summary>What specialising did to a model.</summary>
/// <param name="Name">The model.</param>
/// <param name="Domain">What it is specialised on.</param>
/// <param name="BitsPerWeight">Bits per weight; null if unknown.</param>
/// <param name="Specialisation">DSI; null where it has none.</param>
/// <param name="Loss">GG; null where it has none.</param>
/// <param name="Transfers">CDTR to each other domain.</param>
public sealed record ModelMastery(string Name, string Domain, double? BitsPerWeight, double? Specialisation, double? Loss, IReadOnlyList<Transfer> Transfers)
{
    /// <summary>The mean of those transfers that are known; null for none.</summary>
    public double? MeanTransfer => Transfers.Average(transfer => transfer.Share);
}

/// <summary>What of a skill carries over to a domain.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Share">Of what a model specialised there scores above chance; null without such a model.</param>
public sealed record Transfer(string Domain, double? Share);

/// <summary>How a figure goes with bits per weight.</summary>
/// <param name="Metric">The figure.</param>
/// <param name="Models">Models behind it.</param>
/// <param name="Pearson">Pearson's correlation; null below two different points.</param>
/// <param name="Spearman">Spearman's, of ranks.</param>
public sealed record MasteryTrend(string Metric, int Models, double? Pearson, double? Spearman);
