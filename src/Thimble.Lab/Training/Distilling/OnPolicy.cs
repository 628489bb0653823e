using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>Texts that the model in training writes itself, behind the first tokens of given ones.</summary>
/// <param name="prompt">Tokens of each text that are kept; more where a text says that the first are not to be learnt.</param>
/// <param name="tokens">Tokens written at most.</param>
/// <param name="end">The token that ends a text; null for none.</param>
/// <param name="seed">Names what is drawn.</param>
/// <remarks>Cost: the model is run over all rows again for every token, since a model in training keeps no cache.</remarks>
internal sealed class OnPolicy(int prompt, int tokens, int? end, int seed)
{
    /// <summary>Writes them.</summary>
    /// <param name="tape">Lends room; nothing on it is kept.</param>
    /// <param name="graph">The model as it is.</param>
    /// <param name="batch">The given texts.</param>
    /// <param name="step">Names the step.</param>
    /// <returns>A batch of which what was written is to be learnt.</returns>
    public Batch Write(Tape tape, Graph graph, Batch batch, int step)
    {
        List<int>[] texts = [.. batch.Segments.Select(segment => Prompt(batch, segment))];
        int[] given = [.. texts.Select(text => text.Count)];
        bool[] ended = new bool[texts.Length];
        var random = new Random(unchecked((seed * 1_000_003) + step));
        for (int i = 0; i < tokens && ended.Contains(false); i++)
            Next(tape, graph, texts, ended, random);
        return Batch.Of([.. texts.Select(text => text.ToArray())], (text, at) => at >= given[text]);
    }

    private List<int> Prompt(Batch batch, (int First, int Count) segment)
    {
        int learnt = Array.FindIndex(batch.Targets, segment.First, segment.Count, target => target >= 0) - segment.First;
        return [.. batch.Tokens.AsSpan(segment.First, Math.Min(segment.Count, Math.Max(prompt, learnt + 1)))];
    }

    private void Next(Tape tape, Graph graph, List<int>[] texts, bool[] ended, Random random)
    {
        tape.Clear();
        tape.Pulls = false;
        tape.Batch = Batch.Of([.. texts.Select(text => (int[])[.. text, 0])]);
        Value x = graph.Vectors(tape);
        Matrix last = tape.Scratch.Rent(texts.Length, x.Columns);
        for (int text = 0; text < texts.Length; text++)
            x.Result[tape.Batch.Segments[text].First + texts[text].Count - 1].CopyTo(last[text]);
        Matrix logits = graph.Head().Logits(tape, last);
        for (int text = 0; text < texts.Length; text++)
        {
            double left = random.NextDouble();   // drawn for texts that have ended, too, so that one text's end moves no other
            if (ended[text])
                continue;
            TensorPrimitives.SoftMax<float>(logits[text], logits[text]);
            int token = Draw(logits[text], left);
            texts[text].Add(token);
            ended[text] = token == end;
        }
    }

    private static int Draw(ReadOnlySpan<float> probabilities, double left)
    {
        for (int token = 0; token < probabilities.Length; token++)
        {
            left -= probabilities[token];
            if (left < 0)
                return token;
        }

        return TensorPrimitives.IndexOfMax(probabilities);
    }
}
