using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Multiplies a weight whose rows have been packed by sixteen: memory is read in order, and a lane is a row.</summary>
internal sealed class PanelMultiplier : Multiplier
{
    private readonly PanelShape _shape;
    private readonly Allocation _panels;
    private readonly long _panelBytes;
    private readonly int _rows, _columns;

    private PanelMultiplier(Weight weight, PanelShape shape, Team team)
    {
        (_shape, _rows, _columns, _panelBytes) = (shape, weight.Rows, weight.Columns, shape.PanelBytes(weight.Columns));
        _panels = new Allocation((_rows + PanelShape.Rows - 1) / PanelShape.Rows * _panelBytes);
        shape.Pack(weight, _panels, team);
        weight.Blocks.Release();
    }

    public override bool TakesBytes => true;

    public override long Bytes => _panels.Length;

    [ModuleInitializer]
    internal static void Register()
    {
        Add("Q4_0", static () => new PanelShape<FourBits<Bias8>, HalfScales, Group32>());
        Add("Q4_1", static () => new PanelShape<FourBits<Bias0>, HalfScalesOffsets, Group32>());
        Add("Q5_0", static () => new PanelShape<FiveBits<Bias16>, HalfScales, Group32>());
        Add("Q5_1", static () => new PanelShape<FiveBits<Bias0>, HalfScalesOffsets, Group32>());
        Add("Q8_0", static () => new PanelShape<EightBits, HalfScales, Group32>());
        Add("Q2_K", static () => new PanelShape<TwoBits<Bias0>, CodedScalesOffsets, Group16>());
        Add("Q3_K", static () => new PanelShape<ThreeBits<Bias4>, CodedScales, Group16>());
        Add("Q4_K", static () => new PanelShape<FourBits<Bias0>, CodedScalesOffsets, Group32>());
        Add("Q5_K", static () => new PanelShape<FiveBits<Bias0>, CodedScalesOffsets, Group32>());
        Add("Q6_K", static () => new PanelShape<SixBits<Bias32>, CodedScales, Group16>());
        Add("IQ4_NL", static () => new PanelShape<UnevenLevels, HalfScales, Group32>());
        Add("IQ4_XS", static () => new PanelShape<UnevenLevels, CodedScales, Group32>());
        Add("MXFP4", static () => new PanelShape<MicroFloats, BFloatScales, Group32>());
        Add("TQ1_0", static () => new PanelShape<TwoBits<Bias1>, TopScales, Group32>());
        Add("TQ2_0", static () => new PanelShape<TwoBits<Bias1>, TopScales, Group32>());
    }

    public override void Multiply(in Activations x, Matrix y, int column, Team team) =>
        Share(team, (long)_rows * _columns * x.Values.Rows, new Work(this, x, y, column));

    public override void Dispose()
    {
        _panels.Dispose();
        base.Dispose();
    }

    /// <summary>Offers to pack a format; its shape is made, and its kernels compiled, when a weight first asks.</summary>
    private static void Add(string format, Func<PanelShape> make)
    {
        if (!V256.IsSupported)
            return;

        var shape = new Lazy<PanelShape>(make);
        Multipliers.Add((weight, team) =>
            weight.Format.Name == format && weight.Columns % shape.Value.Grain == 0 ? new PanelMultiplier(weight, shape.Value, team) : null);
    }

    private readonly ref struct Work(PanelMultiplier multiplier, Activations x, Matrix y, int column) : ITeamWork
    {
        private readonly PanelMultiplier _multiplier = multiplier;
        private readonly Activations _x = x;
        private readonly Matrix _y = y;
        private readonly int _column = column;

        public unsafe void Run(int member, int members)
        {
            (int first, int end) = Shares.Of((_multiplier._rows + PanelShape.Rows - 1) / PanelShape.Rows, 1, member, members);
            for (int panel = first; panel < end; panel++)
            {
                int row = panel * PanelShape.Rows;
                _multiplier._shape.Multiply(new PanelTask
                {
                    Panel = _multiplier._panels.Start + (panel * _multiplier._panelBytes),
                    Columns = _multiplier._columns,
                    X = _x,
                    Y = _y,
                    Column = _column + row,
                    Rows = Math.Min(PanelShape.Rows, _multiplier._rows - row),
                });
            }
        }
    }
}
