using System.Numerics.Tensors;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Lab.Training;

/// <summary>Moves parameters by slopes along directions, a few numbers at a time, so that no estimate of a gradient is ever whole.</summary>
internal sealed class ZerothMove : IDisposable
{
    private const int Chunk = 2048;

    private readonly ZerothMethod _method;
    private readonly Team _team;
    private readonly Dictionary<Parameter, Allocation> _memory = new(ReferenceEqualityComparer.Instance);

    /// <param name="method">What becomes of an estimate.</param>
    /// <param name="parameters">All that will move.</param>
    /// <param name="team">Shares the work.</param>
    public ZerothMove(ZerothMethod method, IEnumerable<Parameter> parameters, Team team)
    {
        (_method, _team) = (method, team);
        foreach (Parameter parameter in parameters)
            _memory.Add(parameter, new Allocation(Math.Max(1, (long)parameter.Length * method.Slots) * sizeof(float)));
    }

    /// <summary>Bytes it remembers.</summary>
    public long Bytes => _method.Slots == 0 ? 0 : _memory.Values.Sum(memory => memory.Length);

    /// <summary>Moves a parameter.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="slopes">Directions, and how the loss rises along each.</param>
    /// <param name="step">The step.</param>
    public void Run(Parameter parameter, (Perturbation Direction, float Slope)[] slopes, OptimiserStep step) =>
        _team.Run(new Moving(this, parameter, _memory[parameter], slopes, step));

    /// <summary>What a training goes on from.</summary>
    public IEnumerable<(string Name, Func<Span<float>> Numbers)> State()
    {
        foreach ((Parameter parameter, Allocation memory) in _memory)
        {
            yield return (parameter.Name, () => parameter.Values);
            if (_method.Slots > 0)
                yield return ($"zeroth.{parameter.Name}", () => memory.Floats[..(parameter.Length * _method.Slots)]);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (Allocation memory in _memory.Values)
            memory.Dispose();
    }

    private readonly struct Moving(ZerothMove owner, Parameter parameter, Allocation memory, (Perturbation Direction, float Slope)[] slopes, OptimiserStep step) : ITeamWork
    {
        public void Run(int member, int members)
        {
            (int first, int end) = Shares.Of(parameter.Length, Chunk, member, members);
            Span<float> estimate = stackalloc float[Chunk], u = stackalloc float[Chunk], kept = memory.Floats;
            int slots = owner._method.Slots;
            for (int at = first; at < end; at += Chunk)
            {
                int count = Math.Min(Chunk, end - at);
                Span<float> sum = estimate[..count], direction = u[..count];
                for (int i = 0; i < slopes.Length; i++)
                {
                    slopes[i].Direction.Fill(at, direction);
                    TensorPrimitives.Multiply(direction, slopes[i].Slope, i == 0 ? sum : direction);
                    if (i > 0)
                        TensorPrimitives.Add(sum, direction, sum);
                }

                owner._method.Move(in step, parameter.Values.Slice(at, count), sum, kept.Slice(at * slots, count * slots));
            }
        }
    }
}
