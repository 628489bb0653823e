using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Blocks;

namespace Thimble.Scheduling;

/// <summary>One run of the model for the seats of a plan, and the choices that follow it.</summary>
/// <param name="pass">The run.</param>
/// <param name="decoder">The model.</param>
internal sealed class Step(Pass pass, Decoder decoder)
{
    private const int AloneBelow = 1 << 15;   // logits that one thread looks through sooner than others are woken

    private readonly List<(Turn Turn, int First, int Count)> _wanted = [];

    /// <summary>Computes the seats' rows; every turn chooses.</summary>
    /// <remarks>What goes wrong in a choice is that turn's <see cref="Standing.Fault"/>; what goes wrong before is thrown.</remarks>
    public void Run(ReadOnlySpan<Seat> seats)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        pass.Clear();
        _wanted.Clear();
        foreach (Seat seat in seats)
        {
            int first = pass.Wanted.Length;
            seat.Turn.Standing.Fault = null;
            seat.Turn.Add(pass, seat.Rows);
            _wanted.Add((seat.Turn, first, pass.Wanted.Length - first));
        }

        Matrix vectors = decoder.Forward(pass);
        Matrix logits = vectors.Rows == 0 ? default : decoder.Head!.Apply(pass, vectors);
        pass.Tickets.Reset();
        var choices = new Choices(_wanted, pass.Tickets, logits, vectors);
        if (seats.Length > 1 && logits.Values.Length >= AloneBelow)
            pass.Team.Run(choices);
        else
            choices.Run(0, 1);
    }

    /// <summary>Lets a turn take what it has chosen.</summary>
    public static void Take(Turn turn)
    {
        if (turn.Standing.Fault is not null)
            return;

        try
        {
            turn.Take();
        }
        catch (Exception fault)
        {
            turn.Standing.Fault = fault;   // as in a choice: the others have done nothing wrong
        }
    }

    /// <summary>The turns' choices, shared among the team.</summary>
    private readonly ref struct Choices(List<(Turn Turn, int First, int Count)> wanted, Tickets tickets, Matrix logits, Matrix vectors) : ITeamWork
    {
        private readonly List<(Turn Turn, int First, int Count)> _wanted = wanted;
        private readonly Tickets _tickets = tickets;
        private readonly Matrix _logits = logits, _vectors = vectors;

        public void Run(int member, int members)
        {
            for (int i = _tickets.Take(); i < _wanted.Count; i = _tickets.Take())
            {
                (Turn turn, int first, int count) = _wanted[i];
                try
                {
                    turn.Choose(Part(_logits, first, count), Part(_vectors, first, count));
                }
                catch (Exception fault)
                {
                    turn.Standing.Fault = fault;
                }
            }
        }

        private static Matrix Part(Matrix all, int first, int count) => count == 0 ? new([], 1) : all.Part(first, count);
    }
}
