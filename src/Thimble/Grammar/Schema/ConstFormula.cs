using System.Text.Json;

namespace Thimble.Grammar;

/// <summary>Lists and objects of <c>const</c> and <c>enum</c> as demands on their parts.</summary>
internal static class ConstFormula
{
    /// <summary>Being one of the lists and objects among some values.</summary>
    public static Formula Of(IReadOnlyList<JsonElement> values) =>
        new Formula.Any([.. values.Where(value => value.ValueKind is JsonValueKind.Array or JsonValueKind.Object).Select(Of)]);

    private static Formula Of(JsonElement value)
    {
        List<Formula> parts = [];
        if (value.ValueKind == JsonValueKind.Array)
        {
            int count = value.GetArrayLength(), index = 0;
            parts.Add(new Formula.Type(JsonTypes.Array));
            parts.Add(new Formula.Count(ofItems: true, count, count));
            foreach (JsonElement item in value.EnumerateArray())
                parts.Add(new Formula.Items(index++, andFollowing: false, new Formula.Enum([item])));
            return new Formula.All(parts);
        }

        List<string> names = [];
        parts.Add(new Formula.Type(JsonTypes.Object));
        foreach (JsonProperty member in value.EnumerateObject())
        {
            names.Add(member.Name);
            parts.Add(new Formula.Required(member.Name));
            parts.Add(new Formula.Members(KeySet.Of([member.Name]), new Formula.Enum([member.Value])));
        }

        parts.Add(new Formula.Members(KeySet.AllBut(names, []), Formula.Never));
        return new Formula.All(parts);
    }
}
