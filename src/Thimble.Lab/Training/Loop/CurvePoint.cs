using System.Globalization;

namespace Thimble.Lab.Training;

/// <summary>A step of a learning curve.</summary>
/// <param name="Step">From 1 on.</param>
/// <param name="Loss">In nats a token, before the step.</param>
/// <param name="HeldOut">The held-out loss after it; null where it was not measured.</param>
/// <param name="Rate">The optimiser's.</param>
/// <param name="TokensPerSecond">Tokens learnt from in a second; of the step alone.</param>
/// <param name="Sparsity">Share of gates at nothing; null where they are not made sparse.</param>
public readonly record struct CurvePoint(int Step, double Loss, double? HeldOut, float Rate, double TokensPerSecond, double? Sparsity)
{
    internal static string Names => "step,loss,held_out,rate,tokens_per_second,sparsity";

    internal string Line => string.Create(CultureInfo.InvariantCulture, $"{Step},{Loss:R},{HeldOut:R},{Rate:R},{TokensPerSecond:F1},{Sparsity:F4}");

    /// <summary>Reads a line; null where it is none, as the last one of a process that was killed.</summary>
    internal static CurvePoint? Read(string line)
    {
        string[] cells = line.Split(',');
        return cells.Length == 6 && int.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out int step) && Number(cells[1]) is { } loss
            && Number(cells[3]) is { } rate && Number(cells[4]) is { } speed
            ? new CurvePoint(step, loss, Number(cells[2]), (float)rate, speed, Number(cells[5]))
            : null;
    }

    private static double? Number(string cell) => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
}
