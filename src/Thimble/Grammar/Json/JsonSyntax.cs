using System.Text.Json;

namespace Thimble.Grammar;

/// <summary>From JSON schemas to grammars.</summary>
internal static class JsonSyntax
{
    private const int MostLooked = 4000;

    /// <summary>Compiles a schema.</summary>
    /// <param name="schema">The schema, as JSON.</param>
    /// <param name="isObject">Whether only objects may meet it.</param>
    /// <exception cref="ArgumentException">It is no schema, or no value meets it.</exception>
    /// <exception cref="NotSupportedException">It holds what cannot be enforced; the message names keyword and place.</exception>
    /// <exception cref="CapacityException">It is too large.</exception>
    public static Syntax Compile(string schema, bool isObject = false)
    {
        using var document = JsonDocument.Parse(schema, new() { MaxDepth = 256 });
        var reader = new SchemaReader(document.RootElement.Clone());
        var demands = new ValueDemands(reader);
        Demand root = demands.Of(isObject ? [(reader.Root, false), (new Formula.Type(JsonTypes.Object), false)] : [(reader.Root, false)]);
        if (!demands.IsAlive(root))
            throw new ArgumentException("No value meets the schema: its demands contradict each other.", nameof(schema));
        Look(root.Rule);
        return new(new RuleFrame(root.Rule, EndFrame.Last));
    }

    /// <summary>Looks at every kind of value that may come, so that what cannot be enforced is refused before anything is written.</summary>
    /// <exception cref="NotSupportedException">There is such a thing; the message names it.</exception>
    public static void Look(ValueRule root)
    {
        HashSet<ValueRule> seen = [root];
        var open = new Queue<ValueRule>(seen);
        while (open.TryDequeue(out ValueRule? rule) && seen.Count < MostLooked)
        {
            ValueParts parts = rule.Parts;
            foreach (ValueRule next in parts.Objects.SelectMany(shape => shape.Rules()).Concat(parts.Arrays.SelectMany(shape => shape.Rules())))
            {
                if (seen.Add(next))
                    open.Enqueue(next);
            }
        }
    }
}
