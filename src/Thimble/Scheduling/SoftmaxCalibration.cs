using Thimble.Compute.Kernels;

namespace Thimble.Scheduling;

/// <summary>Calibrates a model's softmax on a text of its own language: a fixed one, so that every opening gives the same ranges.</summary>
internal static class SoftmaxCalibration
{
    private const string Text =
        "The old lighthouse stood at the end of the pier. Every evening, when the boats came home, Anna climbed its 199 steps to light " +
        "the lamp, and every morning she counted the ships that had passed: three from the north, two from the south, one that nobody " +
        "knew. \"Why do you count them?\" asked her brother. She thought about it for a while. Numbers do not forget, she said at last; " +
        "people do. In 1871 a storm broke the glass, and for a week the coast lay dark. def total(ships): return sum(s.count for s in " +
        "ships) was not what they wrote in those days, but the book with the green cover held the same: date, wind, weather, and a sum " +
        "at the foot of each page. Much later a professor found it, read it from the first line to the last, and wrote a paper on the " +
        "trade of small harbours. It has been cited twice.";

    /// <summary>Runs the text through a model and sets the ranges.</summary>
    public static FlashDecodingPlusPlus Of(Model model)
    {
        var softmax = new FlashDecodingPlusPlus();
        int[] tokens = model.Tokenizer.Encode(Text, addSpecial: true);
        model.Engine.FlashDecoding = softmax;
        model.Embedder.Vectors([tokens[..Math.Min(tokens.Length, model.ContextLength)]], CancellationToken.None);
        softmax.EndCalibration();
        return softmax;
    }
}
