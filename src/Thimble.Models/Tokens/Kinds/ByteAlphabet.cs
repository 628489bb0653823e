using System.Text;

namespace Thimble.Models.Tokens;

/// <summary>GPT-2's way to write bytes as printable characters: those that print stand for themselves, the others for U+0100 and on.</summary>
/// <remarks>Source: Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.2, and its code.</remarks>
internal static class ByteAlphabet
{
    private static readonly short[] s_bytes = Build();

    /// <summary>The bytes a text of this alphabet stands for.</summary>
    /// <param name="text">The text, UTF-8.</param>
    /// <param name="bytes">Receives the bytes; as long as <paramref name="text"/>.</param>
    /// <param name="count">Receives how many.</param>
    /// <returns>Whether every character is of the alphabet.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes, out int count)
    {
        count = 0;
        for (int i = 0; i < text.Length;)
        {
            int c = text[i++];
            if (c >= 0x80)
            {
                // The alphabet ends at U+0143, so that two bytes suffice.
                if (c is < 0xC2 or > 0xC5 || i == text.Length || (text[i] & 0xC0) != 0x80)
                    return false;
                c = ((c & 0x1F) << 6) | (text[i++] & 0x3F);
            }

            if (c >= s_bytes.Length || s_bytes[c] < 0)
                return false;
            bytes[count++] = (byte)s_bytes[c];
        }

        return true;
    }

    /// <summary>Bytes written in this alphabet.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (byte b in bytes)
            text.Append((char)Array.IndexOf(s_bytes, (short)b));
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static short[] Build()
    {
        short[] bytes = new short[0x144];
        Array.Fill(bytes, (short)-1);
        for (int b = 0, other = 0x100; b < 256; b++)
        {
            bool prints = b is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            bytes[prints ? b : other++] = (short)b;
        }

        return bytes;
    }
}
