using System.Globalization;
using Thimble.Compute.Formats;

namespace Thimble.Tests.Compute.Formats;

/// <summary>The table of docs/formats.md says what the code does.</summary>
public class FormatTableTests
{
    private static readonly Dictionary<string, string[]> s_rows = File.ReadAllLines(Path.Combine(Golden.Root, "docs", "formats.md"))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .Where(cells => cells.Length == 12)
        .ToDictionary(cells => cells[1], cells => cells[1..^1]);

    public static TheoryData<string> All => [.. BlockFormats.All.Select(format => format.Name)];

    [Theory]
    [MemberData(nameof(All))]
    public void A_row_states_type_bits_and_group(string name)
    {
        BlockFormat format = BlockFormats.Named(name);
        Assert.True(s_rows.TryGetValue(name, out string[]? row), $"docs/formats.md has no row for {name}.");

        Assert.Equal(format.GgufType.ToString(CultureInfo.InvariantCulture), row[1]);
        Assert.Equal(format.BitsPerWeight.ToString(CultureInfo.InvariantCulture), row[2]);
        Assert.Equal(format.Group == 0 ? "–" : format.Group.ToString(CultureInfo.InvariantCulture), row[3]);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_row_states_the_measured_errors(string name)
    {
        string[] row = s_rows[name];
        Check(row[6], weighted: false);
        Check(row[8], weighted: true);

        void Check(string stated, bool weighted)
        {
            if (stated == "–")
                return;

            double error = GgmlBlocks.Error(GgmlBlocks.Input, GgmlBlocks.RoundTrip(BlockFormats.Named(name), weighted), weighted ? GgmlBlocks.Importance : []);
            double expected = double.Parse(stated, CultureInfo.InvariantCulture);
            Assert.InRange(error, expected * 0.99, expected * 1.01);
        }
    }
}
