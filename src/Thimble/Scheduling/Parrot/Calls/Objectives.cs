namespace Thimble.Scheduling;

/// <summary>Finds out from what is asked for how the calls that lead to it should run.</summary>
/// <remarks>From the asked-for variable back: for throughput, every call; for latency, the call that writes it, and stage by stage those before.
/// A stage of one call runs as soon as can be; one of several is a group, of which the last to end counts, so they run together.</remarks>
internal static class Objectives
{
    /// <summary>Sets the objectives of the calls that lead to a variable; those that have a stronger one keep it.</summary>
    /// <param name="variable">The variable.</param>
    /// <param name="groups">The number of the latest group.</param>
    /// <returns>The calls whose objective has changed.</returns>
    public static List<SemanticCall> Deduce(SemanticVariable variable, ref long groups)
    {
        List<SemanticCall> changed = [], stage = variable.Producer is { } last && last.State != CallState.Done ? [last] : [];
        HashSet<SemanticCall> seen = [.. stage];
        while (stage.Count > 0)
        {
            CallObjective objective = variable.Criterion == SemanticCriterion.Throughput ? CallObjective.Throughput
                : stage.Count == 1 ? CallObjective.Latency
                : CallObjective.Group;
            long group = objective == CallObjective.Group ? ++groups : 0;
            foreach (SemanticCall call in stage.Where(call => call.Objective is null || call.Objective < objective))
            {
                (call.Objective, call.Group) = (objective, group);
                changed.Add(call);
            }

            stage = [.. stage.SelectMany(Producers).Where(seen.Add)];
        }

        return changed;
    }

    /// <summary>Counts anew how deep calls lie, from one whose inputs' producers have become known.</summary>
    public static void Deepen(SemanticCall call)
    {
        Queue<SemanticCall> left = new([call]);
        while (left.TryDequeue(out SemanticCall? next))
        {
            int depth = 1 + next.Inputs.Select(input => input.Producer?.Depth ?? 0).DefaultIfEmpty(0).Max();
            if (depth == next.Depth)
                continue;

            next.Depth = depth;
            foreach (SemanticVariable output in next.Outputs)
                output.Consumers.ForEach(left.Enqueue);
        }
    }

    /// <summary>Whether some of the variables a call writes lead to one that it reads.</summary>
    public static bool LeadsToItself(IEnumerable<SemanticVariable> inputs, IEnumerable<SemanticVariable> outputs)
    {
        HashSet<SemanticVariable> read = [.. inputs], seen = [.. outputs];
        Queue<SemanticVariable> left = new(seen);
        while (left.TryDequeue(out SemanticVariable? variable))
        {
            if (read.Contains(variable))
                return true;
            foreach (SemanticVariable output in variable.Consumers.SelectMany(consumer => consumer.Outputs).Where(seen.Add))
                left.Enqueue(output);
        }

        return false;
    }

    private static IEnumerable<SemanticCall> Producers(SemanticCall call) =>
        call.Inputs.Select(input => input.Producer).OfType<SemanticCall>().Where(producer => producer.State != CallState.Done);
}
