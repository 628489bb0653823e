using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Multiplies a weight whose rows have been packed by sixteen: memory is read in order, and a lane is a row.</summary>
internal sealed class PanelMultiplier : Multiplier
{
    private readonly PanelShape _shape;
    private readonly Allocation _panels;
    private readonly long _panelBytes;
    private readonly int _rows, _columns;
    private readonly string _format;
    private Crossings? _crossings;   // of this shape; unknown until several tokens come

    private PanelMultiplier(Weight weight, PanelShape shape, Team team)
    {
        (_shape, _rows, _columns, _panelBytes) = (shape, weight.Rows, weight.Columns, shape.PanelBytes(weight.Columns));
        _format = weight.Format.Name;
        _panels = new Allocation(Panels * _panelBytes);
        shape.Pack(weight, _panels, team);
        weight.Blocks.Release();
    }

    public override bool TakesBytes => true;

    public override long Bytes => _panels.Length;

    /// <summary>Panels there are.</summary>
    internal int Panels => (_rows + PanelShape.Rows - 1) / PanelShape.Rows;

    [ModuleInitializer]
    internal static void Register()
    {
        Add("Q4_0", static () => new PanelShape<FourBits<Eight>, HalfScales>());
        Add("Q4_1", static () => new PanelShape<FourBits<Zero>, HalfScalesOffsets>());
        Add("Q5_0", static () => new PanelShape<FiveBits<Sixteen>, HalfScales>());
        Add("Q5_1", static () => new PanelShape<FiveBits<Zero>, HalfScalesOffsets>());
        Add("Q8_0", static () => new PanelShape<EightBits, HalfScales>());
        Add("Q2_K", static () => new PanelShape<TwoBits<Zero>, PairedScalesOffsets>());
        Add("Q3_K", static () => new PanelShape<ThreeBits<Four>, PairedScales>());
        Add("Q4_K", static () => new PanelShape<FourBits<Zero>, CodedScalesOffsets>());
        Add("Q5_K", static () => new PanelShape<FiveBits<Zero>, CodedScalesOffsets>());
        Add("Q6_K", static () => new PanelShape<SixBits<ThirtyTwo>, PairedScales>());
        Add("IQ4_NL", static () => new PanelShape<UnevenLevels, HalfScales>());
        Add("IQ4_XS", static () => new PanelShape<UnevenLevels, CodedScales>());
        Add("MXFP4", static () => new PanelShape<MicroFloats, BFloatScales>());
        Add("TQ1_0", static () => new PanelShape<TwoBits<One>, TopScales>());
        Add("TQ2_0", static () => new PanelShape<TwoBits<One>, TopScales>());
    }

    public override void Prepare(int tokens)
    {
        if (tokens > 1)
            _crossings ??= PanelTrial.Crossings(this, _format, _rows, _columns);
    }

    public override void Multiply(in Activations x, Matrix y, int column, int member, int members)
    {
        (int first, int end) = Shares.Of(Panels, 1, member, members);
        Multiply(in x, y, column, first, end, (PanelWay)(_crossings?.WayFor(x.Values.Rows) ?? 0));
    }

    /// <summary>Multiplies some panels in a given way.</summary>
    internal void Multiply(in Activations x, Matrix y, int column, int first, int end, PanelWay way)
    {
        // Tokens outside, panels inside: a tile of tokens stays near while the panels stream past it once a tile.
        for (int token = 0; token < x.Values.Rows && first < end; token += PanelShape.Tile)
        {
            int tokens = Math.Min(PanelShape.Tile, x.Values.Rows - token);
            var tile = PanelTile.Of(in x, token, tokens, shorts: way == PanelWay.Tile && _shape.TakesShorts);
            for (int panel = first; panel < end; panel++)
                _shape.Multiply(Task(panel, tile, y.Part(token, tokens), column, way));
        }
    }

    public override void Dispose()
    {
        _panels.Dispose();
        base.Dispose();
    }

    /// <summary>Offers to pack a format; its shape is made, and its kernels compiled, when a weight first asks.</summary>
    private static void Add(string format, Func<PanelShape> make)
    {
        if (!PanelShape.IsSupported)
            return;

        var shape = new Lazy<PanelShape>(make);
        Multipliers.Add((weight, team) =>
            weight.Format.Name == format && weight.Columns % shape.Value.Grain == 0 ? new PanelMultiplier(weight, shape.Value, team) : null);
    }

    private unsafe PanelTask Task(int panel, PanelTile x, Matrix y, int column, PanelWay way) => new()
    {
        Panel = _panels.Start + (panel * _panelBytes),
        Columns = _columns,
        X = x,
        Y = y,
        Column = column + (panel * PanelShape.Rows),
        Rows = Math.Min(PanelShape.Rows, _rows - (panel * PanelShape.Rows)),
        Way = way,
    };
}
