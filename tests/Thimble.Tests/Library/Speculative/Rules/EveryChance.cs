using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.Rules;

/// <summary>All random choices of a piece of work, one set of them after the other, each with its probability.</summary>
internal sealed class EveryChance : Chance
{
    private readonly List<(int Chosen, double[] Weights)> _choices = [];
    private int _at;

    /// <summary>How likely the choices so far are.</summary>
    public double Probability { get; private set; } = 1;

    /// <summary>Runs a piece of work with every set of choices.</summary>
    public static void Explore(Action<EveryChance> work)
    {
        var chance = new EveryChance();
        do
        {
            (chance._at, chance.Probability) = (0, 1);
            work(chance);
        }
        while (chance.Turn());
    }

    public override bool Happens(double probability) => Choose([probability, 1 - probability]) == 0;

    public override int Draw(ReadOnlySpan<double> weights) => Choose(weights.ToArray());

    private int Choose(double[] weights)
    {
        if (_at == _choices.Count)
            _choices.Add((Next(weights, -1), weights));
        (int chosen, double[] known) = _choices[_at++];
        Probability *= known[chosen] / known.Sum();
        return chosen;
    }

    private bool Turn()
    {
        while (_choices.Count > 0)
        {
            (int chosen, double[] weights) = _choices[^1];
            int next = Next(weights, chosen);
            _choices.RemoveAt(_choices.Count - 1);
            if (next < 0)
                continue;
            _choices.Add((next, weights));
            return true;
        }

        return false;
    }

    private static int Next(double[] weights, int after) => Array.FindIndex(weights, after + 1, weight => weight > 0);
}
