using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Models.Adapters;

/// <summary>Fits vectors before the first token to a model.</summary>
/// <param name="path">The adapter's, for messages.</param>
/// <param name="model">The model's file.</param>
/// <param name="decoder">The model.</param>
internal sealed class LeadFit(string path, ModelFile model, Decoder decoder)
{
    /// <summary>The attention blocks that a prefix gives keys to, in order.</summary>
    /// <exception cref="NotSupportedException">There is a mixer of another kind, or layers have keys of different sizes.</exception>
    public static GroupedAttention[] Blocks(Decoder decoder, string path)
    {
        GroupedAttention[] blocks = [.. decoder.Mixers.OfType<GroupedAttention>().Where(block => block.Lender is null)];
        return blocks.Length > 0 && decoder.Mixers.All(mixer => mixer is GroupedAttention) && blocks.All(block => block.Keys == blocks[0].Keys)
            ? blocks
            : throw new NotSupportedException($"A prefix needs attention with keys of one size in all layers; '{path}' is another model. Prompt tuning and P-tuning take any.");
    }

    /// <summary>The vectors as rows of a sequence.</summary>
    /// <exception cref="InvalidDataException">They are of another width than the model's.</exception>
    public GivenRows Rows(LeadTensor lead, float[] values)
    {
        int count = checked((int)lead.Tensor.Rows), width = checked((int)lead.Tensor.Columns);
        if (!lead.IsPrefix)
        {
            return width == decoder.Embedding.Width
                ? new GivenRows(values, width)
                : throw Wide(width, decoder.Embedding.Width);
        }

        GroupedAttention[] blocks = Blocks(decoder, model.Path);
        int keys = blocks[0].Keys.Heads * blocks[0].Keys.KeySize, each = blocks[0].Keys.Heads * blocks[0].Keys.ValueSize;
        if (width != blocks.Length * (keys + each))
            throw Wide(width, blocks.Length * (keys + each));
        var given = new GivenKeys(count);
        for (int i = 0; i < blocks.Length; i++)
        {
            float[] k = new float[count * keys], v = new float[count * each];
            for (int row = 0; row < count; row++)
            {
                int at = (row * width) + (i * (keys + each));
                Put(values.AsSpan(at, keys), k.AsSpan(row * keys, keys), lead.PairsKeys ? blocks[0].Keys.KeySize : 0);
                values.AsSpan(at + keys, each).CopyTo(v.AsSpan(row * each));
            }

            given.Add(blocks[i].Number, k, v);
        }

        return new GivenRows(new float[count * decoder.Embedding.Width], decoder.Embedding.Width, keys: given);
    }

    private static void Put(ReadOnlySpan<float> from, Span<float> to, int paired)
    {
        if (paired == 0)
        {
            from.CopyTo(to);
            return;
        }

        for (int i = 0; i < to.Length; i++)
        {
            (int head, int within) = Math.DivRem(i, paired);
            to[i] = from[(head * paired) + (within % 2 * (paired / 2)) + (within / 2)];
        }
    }

    private InvalidDataException Wide(int width, int expected) =>
        new($"The vectors of '{path}' have {width} values each; '{model.Path}' takes {expected}. The adapter was made for another model.");
}
