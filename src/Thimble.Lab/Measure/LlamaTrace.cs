using System.Globalization;
using System.Text.RegularExpressions;

namespace Thimble.Lab.Measure;

/// <summary>One graph that llama.cpp ran, with the time of each node.</summary>
/// <param name="Nodes">Each node: operation, shape, milliseconds on the wall.</param>
/// <param name="Totals">Milliseconds of each operation, as the log sums them; empty where it does not.</param>
internal sealed record LlamaGraph(IReadOnlyList<(string Operation, long[] Shape, double Milliseconds)> Nodes, IReadOnlyDictionary<string, double> Totals)
{
    /// <summary>All operations' time.</summary>
    public double Milliseconds => Totals.Count > 0 ? Totals.Values.Sum() : Nodes.Sum(node => node.Milliseconds);

    /// <summary>An operation's share of the time.</summary>
    public double ShareOf(string operation)
    {
        double own = Totals.Count > 0 ? Totals.GetValueOrDefault(operation) : Nodes.Where(node => node.Operation == operation).Sum(node => node.Milliseconds);
        return Milliseconds > 0 ? own / Milliseconds : 0;
    }
}

/// <summary>Reads the per-operation log that builds of llama.cpp of 2023 print, which is what MELT's own micro-measurements are in.</summary>
/// <remarks>Source: ggml, <c>ggml_graph_print</c>, builds of October 2023: <c>n_nodes = N</c>, a line for each node, then
/// <c>perf_total_per_op_us[OP] = x ms</c> and a line of equals signs.</remarks>
internal static partial class LlamaTrace
{
    /// <summary>Reads a log.</summary>
    /// <param name="lines">Its lines.</param>
    /// <returns>Each graph as it ends.</returns>
    /// <exception cref="InvalidDataException">A node's line cannot be read.</exception>
    public static IEnumerable<LlamaGraph> Read(IEnumerable<string> lines)
    {
        List<(string Operation, long[] Shape, double Milliseconds)> nodes = [];
        Dictionary<string, double> totals = [];
        int expected = 0, number = 0;
        foreach (string line in lines)
        {
            number++;
            if (line.StartsWith("n_nodes = ", StringComparison.Ordinal))
            {
                if (nodes.Count > 0)
                    yield return new([.. nodes], new Dictionary<string, double>(totals));
                nodes.Clear();
                totals.Clear();
                expected = int.Parse(line["n_nodes = ".Length..], CultureInfo.InvariantCulture);
            }
            else if (nodes.Count < expected)
            {
                Match node = Node().Match(line);
                if (!node.Success)
                    throw new InvalidDataException($"Line {number}: '{line}' is no node, and {expected - nodes.Count} more of the graph's {expected} are to come.");
                nodes.Add((node.Groups[2].Value, [.. node.Groups[1].Value.Split(',').Select(size => long.Parse(size, CultureInfo.InvariantCulture))], Number(node.Groups[3])));
            }
            else if (Total().Match(line) is { Success: true } total)
            {
                totals[total.Groups[1].Value] = Number(total.Groups[2]);
            }
        }

        if (nodes.Count < expected)
            throw new InvalidDataException($"The log ends after {nodes.Count} of {expected} nodes of a graph.");
        if (nodes.Count > 0)
            yield return new(nodes, totals);
    }

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^ -\s*\d+: \[\s*([\d, ]+)\]\s+(\S+)\s.*wall\s*=\s*([\d.]+)\s*/")]
    private static partial Regex Node();

    [GeneratedRegex(@"^perf_total_per_op_us\[\s*(\w+)\]\s*=\s*([\d.]+) ms")]
    private static partial Regex Total();
}
