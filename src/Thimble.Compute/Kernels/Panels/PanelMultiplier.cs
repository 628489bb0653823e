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
        Add<FourBits<Bias8>, HalfScales, Group32>("Q4_0");
        Add<FourBits<Bias0>, HalfScalesOffsets, Group32>("Q4_1");
        Add<FiveBits<Bias16>, HalfScales, Group32>("Q5_0");
        Add<FiveBits<Bias0>, HalfScalesOffsets, Group32>("Q5_1");
        Add<EightBits, HalfScales, Group32>("Q8_0");
        Add<TwoBits<Bias0>, CodedScalesOffsets, Group16>("Q2_K");
        Add<ThreeBits<Bias4>, CodedScales, Group16>("Q3_K");
        Add<FourBits<Bias0>, CodedScalesOffsets, Group32>("Q4_K");
        Add<FiveBits<Bias0>, CodedScalesOffsets, Group32>("Q5_K");
        Add<SixBits<Bias32>, CodedScales, Group16>("Q6_K");
        Add<UnevenLevels, HalfScales, Group32>("IQ4_NL");
        Add<UnevenLevels, CodedScales, Group32>("IQ4_XS");
        Add<MicroFloats, BFloatScales, Group32>("MXFP4");
        Add<TwoBits<Bias1>, TopScales, Group32>("TQ1_0");
        Add<TwoBits<Bias1>, TopScales, Group32>("TQ2_0");
    }

    public override void Multiply(in Activations x, Matrix y, int column, Team team) =>
        Share(team, (long)_rows * _columns * x.Values.Rows, new Work(this, x, y, column));

    public override void Dispose()
    {
        _panels.Dispose();
        base.Dispose();
    }

    private static void Add<TNumbers, TScales, TGroup>(string format)
        where TNumbers : struct, IPanelQuants
        where TScales : struct, IPanelScales
        where TGroup : struct, IPanelGroup
    {
        if (!V256.IsSupported)
            return;

        var shape = new PanelShape<TNumbers, TScales, TGroup>();
        Multipliers.Add((weight, team) =>
            weight.Format.Name == format && weight.Columns % shape.Grain == 0 ? new PanelMultiplier(weight, shape, team) : null);
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
