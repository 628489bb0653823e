using System.Runtime.InteropServices;
using Thimble.Compute.Memory;
using Thimble.Models.States;

namespace Thimble.Speculative;

/// <summary>A text as a drafting model has read it, brought in line with what was really written before every guess.</summary>
/// <remarks>What a guess added is forgotten afterwards: by a cut, or, where the state is recurrent, by the copy made before.</remarks>
internal sealed class DraftText(DraftModel model) : IDisposable
{
    /// <summary>The most tokens read in one run.</summary>
    public const int Chunk = 256;

    private readonly SequenceState _state = model.Start();
    private readonly List<int> _tokens = new(RoomFor(model));
    private readonly float[] _kept = model.Branches ? [] : new float[model.Start().AllRecurrent.Length];

    /// <summary>Tokens for which there is room at once, so that a text that grows does not ask for memory.</summary>
    public static int RoomFor(DraftModel model) => Math.Min(model.Context, 1 << 13);

    /// <summary>What the model keeps of it.</summary>
    public SequenceState State => _state;

    /// <summary>Tokens read.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>Reads what is new of a text.</summary>
    /// <param name="text">The whole text, at least one token.</param>
    /// <param name="vectors">What the scores were made of, shape [1, features].</param>
    /// <returns>The scores after its last token, shape [1, vocabulary].</returns>
    public Matrix Read(ReadOnlySpan<int> text, out Matrix vectors)
    {
        Forget();
        int alike = Math.Min(Tokens.CommonPrefixLength(text), text.Length - 1);
        if (alike < _tokens.Count)
        {
            // A recurrent state has no way back but to the start.
            alike = model.Branches ? alike : 0;
            _state.Truncate(alike, []);
            _tokens.RemoveRange(alike, _tokens.Count - alike);
        }

        ReadOnlySpan<int> left = text[alike..];
        _tokens.AddRange(left);
        for (; left.Length > Chunk; left = left[Chunk..])
            model.Read(_state, left[..Chunk], null, wanted: 0, out _);
        Matrix scores = model.Read(_state, left, null, wanted: 1, out vectors);
        _state.AllRecurrent.CopyTo(_kept);
        return scores;
    }

    /// <summary>Forgets what a guess added.</summary>
    public void Forget()
    {
        if (_state.Length > _tokens.Count)
            _state.Truncate(_tokens.Count, _kept);
    }

    /// <summary>Gives its memory back.</summary>
    public void Dispose() => _state.Dispose();
}
