using System.Security.Cryptography;
using System.Text.Json;
using Thimble.Models.Vision;

namespace Thimble.Tests.Models.Vision;

public class ImageTests
{
    private static readonly Lazy<JsonDocument> s_expected = new(() => JsonDocument.Parse(File.ReadAllText(Golden.Path("images/expected.json"))));

    public static TheoryData<string> Names => [.. s_expected.Value.RootElement.EnumerateObject().Select(image => image.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Pixels_are_those_of_the_reference(string name)
    {
        JsonElement expected = s_expected.Value.RootElement.GetProperty(name);
        var image = Image.Decode(Bytes(name));
        Assert.Equal((expected.GetProperty("width").GetInt32(), expected.GetProperty("height").GetInt32()), (image.Width, image.Height));
        Assert.Equal(expected.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(image.Pixels)));
    }

    [Theory]
    [InlineData("rgb8.png")]
    [InlineData("palette4-interlaced.png")]
    [InlineData("sampling2x2.jpg")]
    [InlineData("sampling2x2-progressive.jpg")]
    [InlineData("restart.jpg")]
    [InlineData("bits24.bmp")]
    [InlineData("runs8.bmp")]
    public void A_file_cut_short_is_refused(string name)
    {
        byte[] file = Bytes(name);
        for (int length = 8; length < file.Length - 2; length += Math.Max(1, file.Length / 60))
            Assert.Throws<InvalidDataException>(() => Image.Decode(file.AsSpan(0, length)));
    }

    [Fact]
    public void Other_files_are_refused_by_what_is_known()
    {
        NotSupportedException fault = Assert.Throws<NotSupportedException>(() => Image.Decode("GIF89a..."u8));
        Assert.Contains("BMP, JPEG, PNG", fault.Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => Image.Decode([]));
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 1, 0)]
    [InlineData(3, 1, 1)]
    [InlineData(4, 0, 1)]
    public void Held_another_way_pixels_move(int orientation, int x, int y)
    {
        var image = new Image(2, 2);
        image[0][0] = 9;
        Assert.Equal(9, image.Oriented(orientation)[y][3 * x]);
    }

    internal static byte[] Bytes(string name) => File.ReadAllBytes(Golden.Path("images/" + name));
}
