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
    private const int TableBytes = 1 << 20;   // tables of some tokens at a time, so that they stay in the nearer caches
    private const int Part = 2048;            // rows of 256 columns that meet these tokens one after another

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
        Add("Q1_0", static () => [new TableShape<SignPlane, RunScales<FourBlocks>, Group32>()]);
        Add("Q2_0", static () => [new TableShape<BitPlanes<TwoPlanes, Bias1>, RunScales<TwoBlocks>, Group32>()]);
        Add("TQ1_0", static () => [new TableShape<TernaryTriples, TopScales, Group32>()]);
        Add("TQ2_0", static () => [new TableShape<TernaryTriples, TopScales, Group32>(), new TableShape<BitPlanes<TwoPlanes, Bias1>, TopScales, Group32>()]);
        Add("Q2_K", static () => [new TableShape<BitPlanes<TwoPlanes, Bias0>, CodedScalesOffsets, Group16>()]);
        Add("Q3_K", static () => [new TableShape<BitPlanes<ThreePlanes, Bias4>, CodedScales, Group16>()]);
        Add("Q4_0", static () => [new TableShape<BitPlanes<FourPlanes, Bias8>, HalfScales, Group32>()]);
        Add("Q4_1", static () => [new TableShape<BitPlanes<FourPlanes, Bias0>, HalfScalesOffsets, Group32>()]);
        Add("Q4_K", static () => [new TableShape<BitPlanes<FourPlanes, Bias0>, CodedScalesOffsets, Group32>()]);
    }

    /// <summary>Whether it can multiply a weight of this format and shape on this machine.</summary>
    public static bool Takes(Weight weight) =>
        V512.IsSupported && s_shapes.TryGetValue(weight.Format.Name, out Lazy<TableShape[]>? shapes) && weight.Columns % shapes.Value[0].Grain == 0;

    public override void Multiply(in Activations x, Matrix y, int column, Team team) => Multiply<Words512, V512>(in x, y, column, team);

    /// <summary>Multiplies with registers of a known kind.</summary>
    internal unsafe void Multiply<TWords, TLane>(in Activations x, Matrix y, int column, Team team)
        where TWords : unmanaged, ITableWords<TWords, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        int tokens = x.Values.Rows, bytes = _shape.TablesBytes(_blocks), most = Math.Max(1, TableBytes / bytes);
        Span<float> room = Scratch.Floats(bytes / sizeof(float) * Math.Min(most, tokens));
        fixed (float* tables = room)
        {
            for (int token = 0; token < tokens; token += most)
            {
                int count = Math.Min(most, tokens - token);
                if (count == 1)
                    _shape.Build(in x, token, (byte*)tables);
                else
                    team.Run(new Building(this, x, token, count, (byte*)tables));
                Share(team, (long)_rows * x.Values.Columns * count, new Work<TWords, TLane>(this, x, y, column, token, count, (byte*)tables));
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

    private readonly unsafe ref struct Building(TMac multiplier, Activations x, int token, int count, byte* tables) : ITeamWork
    {
        private readonly TMac _multiplier = multiplier;
        private readonly Activations _x = x;
        private readonly int _token = token, _count = count;
        private readonly byte* _tables = tables;

        public void Run(int member, int members)
        {
            (int first, int end) = Shares.Of(_count, 1, member, members);
            for (int i = first; i < end; i++)
                _multiplier._shape.Build(in _x, _token + i, _tables + ((long)i * _multiplier._shape.TablesBytes(_multiplier._blocks)));
        }
    }

    private readonly unsafe ref struct Work<TWords, TLane>(TMac multiplier, Activations x, Matrix y, int column, int token, int count, byte* tables) : ITeamWork
        where TWords : unmanaged, ITableWords<TWords, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        private readonly TMac _multiplier = multiplier;
        private readonly Activations _x = x;
        private readonly Matrix _y = y;
        private readonly int _column = column, _token = token, _count = count;
        private readonly byte* _tables = tables;

        public void Run(int member, int members)
        {
            (int first, int end) = Shares.Of(_multiplier.High, 1, member, members);
            int row = first * TableShape.Rows, rows = Math.Min(_multiplier._rows, end * TableShape.Rows) - row;
            for (int i = 0; i < _count; i++)
                _y[_token + i].Slice(_column + row, rows).Clear();
            for (int block = 0; block < _multiplier._blocks; block += TableShape.Blocks)
            {
                for (int part = 0; part < rows; part += Part)
                {
                    for (int i = 0; i < _count; i++)
                        Add(block, row + part, Math.Min(Part, rows - part), i);
                }
            }
        }

        private void Add(int block, int row, int rows, int token)
        {
            TableShape shape = _multiplier._shape;
            int blocks = Math.Min(TableShape.Blocks, _multiplier._blocks - block);
            shape.Multiply<TWords, TLane>(new TableTask
            {
                Tiles = _multiplier._tiles.Start + ((long)_multiplier.High * shape.TileBytes(block)) + ((long)row / TableShape.Rows * shape.TileBytes(blocks)),
                Block = block,
                Blocks = blocks,
                Tables = _tables + ((long)token * shape.TablesBytes(_multiplier._blocks)) + shape.TablesBytes(block),
                X = _x,
                Token = _token + token,
                Y = _y[_token + token].Slice(_column + row, rows),
            });
        }
    }
}
