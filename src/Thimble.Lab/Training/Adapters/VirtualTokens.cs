using Thimble.Models.Adapters;
using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary>Rows that stand before every sequence and are trained in place of the model.</summary>
/// <remarks>They take the first positions, as PEFT has it. They have no zero: attention gives each some share, so a model with them is
/// near its base at the beginning, not equal to it.</remarks>
internal abstract class VirtualTokens(int count) : IDisposable
{
    /// <summary>How many.</summary>
    public int Count { get; } = count;

    /// <summary>PEFT's name of their kind.</summary>
    public abstract string Kind { get; }

    /// <summary>What is trained.</summary>
    public abstract IEnumerable<Parameter> Parameters { get; }

    /// <summary>What a file of them holds.</summary>
    /// <param name="tape">Computes what is not kept as it is.</param>
    public abstract DraftLead Draft(Tape tape);

    /// <summary>The vectors that stand where their embeddings would.</summary>
    public abstract Value Embeddings(Tape tape);

    /// <summary>Keys and values of an attention block, with theirs in place.</summary>
    public virtual (Value K, Value V) Keys(Tape tape, GroupedAttention block, Value k, Value v) => (k, v);

    /// <summary>Puts their vectors before a batch's.</summary>
    /// <param name="tape">The tape; its batch has room for them.</param>
    /// <param name="text">All rows' embeddings.</param>
    public Value Embed(Tape tape, Value text) => Placed.Of(tape, text, Embeddings(tape));

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (Parameter parameter in Parameters)
            parameter.Dispose();
    }

    /// <summary>A matrix's values.</summary>
    private protected static float[] Copy(Value value) => [.. value.Result.Values];
}

/// <summary>Prompt tuning: vectors in place of tokens, which begin as the embeddings of some.</summary>
/// <remarks>Source: Lester et al., "The Power of Scale for Parameter-Efficient Prompt Tuning", 2021, section 2.</remarks>
internal sealed class SoftPrompt : VirtualTokens
{
    private readonly Parameter _rows;

    /// <param name="table">The embedding's table.</param>
    /// <param name="scale">Factor on its rows.</param>
    /// <param name="tokens">The tokens whose embeddings they begin as.</param>
    public SoftPrompt(Parameter table, float scale, int[] tokens)
        : base(tokens.Length) => _rows = new Parameter("prompt_embeddings", Rows(table, scale, tokens), table.Columns) { IsTrained = true };

    /// <inheritdoc />
    public override string Kind => "PROMPT_TUNING";

    /// <inheritdoc />
    public override IEnumerable<Parameter> Parameters => [_rows];

    /// <inheritdoc />
    public override Value Embeddings(Tape tape) => Held.Of(tape, _rows);

    /// <inheritdoc />
    public override DraftLead Draft(Tape tape) => new(Count, [.. _rows.Values]);

    /// <summary>Embeddings of tokens.</summary>
    public static float[] Rows(Parameter table, float scale, int[] tokens)
    {
        float[] rows = new float[tokens.Length * table.Columns];
        for (int i = 0; i < tokens.Length; i++)
        {
            Span<float> row = rows.AsSpan(i * table.Columns, table.Columns);
            table.Read(tokens[i], row);
            System.Numerics.Tensors.TensorPrimitives.Multiply(row, scale, row);
        }

        return rows;
    }
}
