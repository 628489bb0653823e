using System.Globalization;

namespace Thimble.Lab.Quantize;

/// <summary>A mix applied to the tensors of one model, in the order of their layers.</summary>
/// <param name="mix">The mix.</param>
/// <param name="model">The model.</param>
/// <param name="values">Matrices of values it has.</param>
internal sealed class MixTurn(Mix mix, Traits model, int values)
{
    private readonly int[] _seen = new int[Enum.GetValues<Role>().Length];

    /// <summary>The format of the next tensor, before its row's length has its say.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="matrices">Matrices one above the other in it: its experts.</param>
    /// <param name="fits">Whether its rows are whole blocks of the base.</param>
    public string Next(string name, long matrices, bool fits)
    {
        Role role = Roles.Of(name);
        int before = _seen[(int)role]++;
        if (role == Role.Head || (role == Role.Embedding && model.IsTied))
            return model.IsFalcon || !fits ? "Q8_0" : mix.Head;

        if (mix.Expert is not null && matrices > 1)
            return mix.Expert;

        string? chosen = role switch
        {
            Role.Embedding => mix.Embedding,
            Role.Value => Value(new(before, values, model)),
            Role.Key => mix.Key(new(before, values, model)),
            Role.Query => mix.Query?.Invoke(new(before, values, model)),
            Role.Output => model.IsFalcon ? mix.FalconOutput : mix.Output?.Invoke(new(before, values, model)),
            Role.Down => mix.Down?.Invoke(new(Layer(name, before), model.Layers, model)),
            Role.Up or Role.Gate => mix.Up?.Invoke(new(Layer(name, before), model.Layers, model)),
            _ => null,
        };
        return chosen ?? mix.Base;
    }

    private string? Value(Place place)
    {
        string? chosen = mix.Value?.Invoke(place);
        if (mix.IsTiny)
            return chosen;
        // Eight heads share one value there: the matrix is small, and finer costs little.
        if (model.IsSeventyBillion && (chosen ?? mix.Base) is "Q3_K" or "Q4_K")
            chosen = "Q5_K";
        return model.Experts == 8 ? "Q8_0" : chosen;
    }

    /// <summary>A layer's number: told by the name where a layer may have several such tensors, or none.</summary>
    private int Layer(string name, int before) =>
        model.Experts > 1 && !mix.IsTiny && name.Split('.') is ["blk", var number, ..] && int.TryParse(number, CultureInfo.InvariantCulture, out int layer)
            ? layer
            : before;
}
