using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>Vectors to logits: <c>cap(scale · (W·x + bias))</c>.</summary>
/// <param name="Weight">W, shape [vocabulary, features].</param>
/// <param name="Bias">Shape [1, vocabulary]; null for none.</param>
/// <param name="Scale">Factor on logits.</param>
/// <param name="SoftCap">Logits become <c>cap · tanh(logit / cap)</c>; 0 for none.</param>
internal sealed record VocabularyHead(Parameter Weight, Parameter? Bias = null, float Scale = 1, float SoftCap = 0)
{
    /// <summary>Tokens scored at a time where no gradient is pulled.</summary>
    public const int Chunk = 1024;

    /// <summary>Whether training changes it.</summary>
    public bool IsTrained => Weight.IsTrained || Bias is { IsTrained: true };

    /// <summary>Logits of some rows.</summary>
    /// <param name="tape">Lends room.</param>
    /// <param name="x">Shape [rows, features].</param>
    public Matrix Logits(Tape tape, Matrix x)
    {
        if (!tape.Pulls && Weight.Rows > Chunk)
            return InChunks(tape, x);
        return Part(tape, x, 0, Weight.Rows);
    }

    /// <summary>Logits of some tokens alone.</summary>
    /// <param name="tape">Lends room, also for what must be decoded.</param>
    /// <param name="x">Shape [rows, features].</param>
    /// <param name="first">The first token.</param>
    /// <param name="count">Tokens.</param>
    /// <returns>Shape [rows, count].</returns>
    public Matrix Part(Tape tape, Matrix x, int first, int count)
    {
        Matrix logits = tape.Scratch.Rent(x.Rows, count);
        tape.Gemm.MultiplyByRows(x, Weight.Read(tape.Scratch, first, count), logits);
        for (int row = 0; row < x.Rows; row++)
        {
            if (Bias is not null)
                Rows.Add(Bias.Values.Slice(first, count), 1, logits[row]);
            if (Scale != 1)
                TensorPrimitives.Multiply(logits[row], Scale, logits[row]);
            if (SoftCap == 0)
                continue;
            TensorPrimitives.Divide(logits[row], SoftCap, logits[row]);
            TensorPrimitives.Tanh(logits[row], logits[row]);
            TensorPrimitives.Multiply(logits[row], SoftCap, logits[row]);
        }

        return logits;
    }

    /// <summary>A part of the vocabulary at a time, which takes no room of the whole table's size.</summary>
    private Matrix InChunks(Tape tape, Matrix x)
    {
        Matrix logits = tape.Scratch.Rent(x.Rows, Weight.Rows);
        for (int first = 0; first < Weight.Rows; first += Chunk)
        {
            using Arena.Scope _ = tape.Scratch.Mark();
            int count = Math.Min(Chunk, Weight.Rows - first);
            Matrix part = Part(tape, x, first, count);
            for (int row = 0; row < x.Rows; row++)
                part[row].CopyTo(logits[row].Slice(first, count));
        }

        return logits;
    }

    /// <summary>Pulls the loss's gradient from some rows' logits to the head, and to the rows.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">All rows.</param>
    /// <param name="first">The first of them now.</param>
    /// <param name="count">How many.</param>
    /// <param name="slopes">The gradient by the logits, shape [count, vocabulary].</param>
    /// <param name="scale">Factor on all gradients.</param>
    /// <param name="gradient">Receives the gradient of the rows.</param>
    public void Pull(Tape tape, Value x, int first, int count, Loan slopes, float scale, Loan gradient)
    {
        Bend(tape, x.Result.Part(first, count), slopes.Matrix);
        TensorPrimitives.Multiply(slopes.Matrix.Values, scale * Scale, slopes.Matrix.Values);
        tape.Gemm.Multiply(slopes.Matrix, Weight.Read(tape.Scratch), gradient.Matrix.Part(first, count));
        if (Weight.IsTrained)
            tape.Gemm.MultiplyTurned(slopes.Matrix, x.Result.Part(first, count), Weight.Gradient, adds: true);
        if (Bias is { IsTrained: true })
            LinearMap.AddColumns(tape, slopes, Bias);
    }

    /// <summary>How some rows' logits move.</summary>
    public Matrix Push(Tape tape, Value x, int first, int count, Matrix logits)
    {
        Matrix moved = tape.Scratch.Rent(count, Weight.Rows);
        moved.Values.Clear();
        if (x.HasTangent)
            tape.Gemm.MultiplyByRows(x.Tangent(tape).Part(first, count), Weight.Read(tape.Scratch), moved, adds: true);
        if (Weight.HasTangent)
            tape.Gemm.MultiplyByRows(x.Result.Part(first, count), Weight.ReadTangent(tape.Scratch), moved, adds: true);
        for (int row = 0; Bias is { HasTangent: true } && row < count; row++)
            Rows.Add(Bias.Tangent.Values, 1, moved[row]);
        TensorPrimitives.Multiply(moved.Values, Scale, moved.Values);
        for (int i = 0; SoftCap != 0 && i < moved.Values.Length; i++)
            moved.Values[i] *= 1 - (logits.Values[i] / SoftCap * (logits.Values[i] / SoftCap));
        return moved;
    }

    /// <summary>Takes a gradient back through the soft cap.</summary>
    private void Bend(Tape tape, Matrix x, Matrix slopes)
    {
        if (SoftCap == 0)
            return;
        using Arena.Scope _ = tape.Scratch.Mark();
        Matrix logits = Logits(tape, x);
        for (int i = 0; i < slopes.Values.Length; i++)
            slopes.Values[i] *= 1 - (logits.Values[i] / SoftCap * (logits.Values[i] / SoftCap));
    }
}
