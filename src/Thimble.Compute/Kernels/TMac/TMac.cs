using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Multiplies weights of one to four bits without multiplying: sums of a few activations are made once, in tables, and bits
/// of weights name the entries to add.</summary>
/// <remarks>
/// <para>It works because low-bit weights have few values: of four one-bit weights there are sixteen rows to meet the same four
/// activations, so sixteen sums serve all rows of a matrix, and time falls with the number of bits.</para>
/// <para>Changed here: entries keep all 16 bits, looked up by one <c>vpermw</c> in 32 rows at once, so that sums are exact and products
/// have the bits of packed rows'; three ternary digits share an index, which 32 entries allow; sums widen once for each group of columns.
/// With entries of eight bits, as the paper has them, nothing would be won on such a machine: <see cref="ByteTables"/> is that.</para>
/// </remarks>
[Technique("T-MAC", "Wei et al., T-MAC: CPU Renaissance via Table Lookup for Low-Bit LLM Deployment on Edge, 2024, section 3")]
internal sealed class TMac : Multiplier
{
    private const int Tokens = 32;   // whose tables of 256 columns stay in the second cache while all rows meet them

    private static readonly Dictionary<string, Lazy<TableShape[]>> s_shapes = [];

    private readonly TableShape _shape;
    private readonly Allocation _tiles;
    private readonly int _rows, _blocks;

    /// <summary>Packs a weight.</summary>
    /// <param name="weight">One that <see cref="Takes"/> accepts.</param>
    /// <param name="team">Shares the work.</param>
    public TMac(Weight weight, Team team)
    {
        (_rows, _blocks) = (weight.Rows, weight.Columns / TableShape.Block);
        TableShape[] shapes = s_shapes[weight.Format.Name].Value;
        for (int i = 0; ; i++)
        {
            // The last shape has codes for whatever a file may hold.
            _shape = shapes[i];
            _tiles = new Allocation((long)High * _shape.TileBytes(_blocks));
            if (_shape.TryPack(weight, _tiles, team))
                break;
            _tiles.Dispose();
        }

        weight.Blocks.Release();
    }

    public override bool TakesBytes => true;

    public override long Bytes => _tiles.Length;

    /// <summary>Tiles one below the other.</summary>
    private int High => (_rows + TableShape.Rows - 1) / TableShape.Rows;

    /// <summary>The formats it has shapes for.</summary>
    public static IEnumerable<string> Formats => s_shapes.Keys;

    [ModuleInitializer]
    internal static void Register()
    {
        Multipliers.AddRival(Takes, static (weight, team) => new TMac(weight, team));
        Add("Q1_0", static () => [new TableShape<SignPlane, RunScales<Four>>()]);
        Add("Q2_0", static () => [new TableShape<BitPlanes<Two, One>, RunScales<Two>>()]);
        Add("TQ1_0", static () => [new TableShape<TernaryTriples, RunScales<Eight>>()]);
        Add("TQ2_0", static () => [new TableShape<TernaryTriples, RunScales<Eight>>(), new TableShape<BitPlanes<Two, One>, RunScales<Eight>>()]);
        Add("Q2_K", static () => [new TableShape<BitPlanes<Two, Zero>, GroupOffsets<Two>>()]);
        Add("Q3_K", static () => [new TableShape<BitPlanes<Three, Four>, GroupScales<Two>>()]);
        Add("Q4_0", static () => [new TableShape<BitPlanes<Four, Eight>, RunScales<One>>()]);
        Add("Q4_1", static () => [new TableShape<BitPlanes<Four, Zero>, BlockOffsets>()]);
        Add("Q4_K", static () => [new TableShape<BitPlanes<Four, Zero>, GroupOffsets<One>>()]);
    }

    /// <summary>Whether it can multiply a weight of this format and shape on this machine.</summary>
    public static bool Takes(Weight weight) =>
        V512.IsSupported && s_shapes.TryGetValue(weight.Format.Name, out Lazy<TableShape[]>? shapes) && weight.Columns % shapes.Value[0].Grain == 0;

    public override void Multiply(in Activations x, Matrix y, int column, int member, int members) =>
        Multiply<Words512, Sums512, V512>(in x, y, column, member, members);

    /// <summary>Multiplies with registers of a known kind.</summary>
    /// <remarks>Each member makes the tables of all columns for itself: they cost little beside its rows, and less than waiting for another.</remarks>
    internal unsafe void Multiply<TWords, TSums, TLane>(in Activations x, Matrix y, int column, int member, int members)
        where TWords : unmanaged, ITableWords<TWords>
        where TSums : struct, ITableSums<TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        (int first, int end) = Shares.Of(High, 1, member, members);
        int row = first * TableShape.Rows, rows = Math.Min(_rows, end * TableShape.Rows) - row, tokens = x.Values.Rows;
        if (rows <= 0)
            return;
        fixed (float* tables = Scratch.Floats(_shape.TablesBytes(TableShape.Blocks) / sizeof(float) * Math.Min(Tokens, tokens)))
        {
            for (int token = 0; token < tokens; token += Tokens)
            {
                int count = Math.Min(Tokens, tokens - token);
                for (int i = 0; i < count; i++)
                    y[token + i].Slice(column + row, rows).Clear();
                for (int block = 0; block < _blocks; block += TableShape.Blocks)
                {
                    int blocks = Math.Min(TableShape.Blocks, _blocks - block);
                    var task = new TableTask
                    {
                        Tiles = _tiles.Start + ((long)High * _shape.TileBytes(block)) + ((long)first * _shape.TileBytes(blocks)),
                        Block = block,
                        Blocks = blocks,
                        Tables = (byte*)tables,
                        X = x,
                        Token = token,
                        Tokens = count,
                        Y = y,
                        Column = column + row,
                        Rows = rows,
                    };
                    _shape.Build(in task);
                    _shape.Multiply<TWords, TSums, TLane>(in task);
                }
            }
        }
    }

    public override void Dispose()
    {
        _tiles.Dispose();
        base.Dispose();
    }

    /// <summary>Takes a format; its shapes are made, and their kernels compiled, when a weight first asks.</summary>
    private static void Add(string format, Func<TableShape[]> make) => s_shapes.Add(format, new(make));
}
