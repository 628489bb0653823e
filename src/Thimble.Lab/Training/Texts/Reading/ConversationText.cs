using Thimble.Models.Chat;

namespace Thimble.Lab.Training;

/// <summary>A conversation as its template writes it, cut where the assistant begins and ends to speak.</summary>
/// <remarks>The exact way renders what stands before each answer and behind it, so a conversation of n turns costs n² turns. Most templates write a turn
/// the same wherever it stands; then each turn is rendered once behind the first, and the pieces must join to the whole conversation's text. The short way is
/// believed once it has given what the exact one did <see cref="Trials"/> times, and is left for ever at the first difference.</remarks>
/// <param name="template">The template.</param>
/// <param name="options">Begin and end of a text.</param>
internal sealed class ConversationText(ChatTemplate template, ChatTemplateOptions options)
{
    private const int Trials = 24;

    private int _agreed;
    private volatile bool _differs;

    /// <summary>How many conversations the short way has been tried on, and whether it is used.</summary>
    internal (int Agreed, bool Differs) State => (_agreed, _differs);

    /// <summary>The pieces of a conversation; those that are the assistant's are to be learnt.</summary>
    /// <exception cref="FormatException">The template writes earlier messages otherwise once later ones follow.</exception>
    public List<(string Text, bool Learns)> Pieces(Dialogue dialogue)
    {
        if (_differs)
            return Exact(dialogue);
        List<(string, bool)>? quick = Quick(dialogue);
        if (quick is not null && Volatile.Read(ref _agreed) >= Trials)
            return quick;
        List<(string, bool)> exact = Exact(dialogue);
        if (quick is null)
            return exact;
        if (quick.SequenceEqual(exact))
            Interlocked.Increment(ref _agreed);
        else
            _differs = true;
        return exact;
    }

    /// <summary>As the template itself has it, whatever it does.</summary>
    internal List<(string Text, bool Learns)> Exact(Dialogue dialogue)
    {
        List<(string, bool)> pieces = [];
        string written = "";
        for (int i = 0; i < dialogue.Turns.Count; i++)
        {
            if (dialogue.Turns[i].Role != "assistant")
                continue;
            Add(Render(dialogue.Turns[..i], dialogue.Tools, answers: true), learns: false);
            Add(Render(dialogue.Turns[..(i + 1)], dialogue.Tools, answers: false), learns: true);
        }

        return pieces;

        void Add(string whole, bool learns)
        {
            pieces.Add((whole.StartsWith(written, StringComparison.Ordinal) ? whole[written.Length..] : throw new FormatException("the template writes earlier messages otherwise once later ones follow"), learns));
            written = whole;
        }
    }

    /// <summary>Turn by turn; null where a turn is not written by itself.</summary>
    private List<(string, bool)>? Quick(Dialogue dialogue)
    {
        List<ChatTurn> turns = dialogue.Turns;
        int last = turns.FindLastIndex(turn => turn.Role == "assistant");
        if (last < 1 || turns[0].Role == "assistant")
            return null;
        try
        {
            string bare = Render([turns[0]], [], answers: false), asked = Render([turns[0]], [], answers: true);
            string before = dialogue.Tools.Count == 0 ? bare : Render([turns[0]], dialogue.Tools, answers: false);
            if (!asked.StartsWith(bare, StringComparison.Ordinal))
                return null;
            string prompt = asked[bare.Length..], whole = Render(turns[..(last + 1)], dialogue.Tools, answers: false);
            return Cut(turns, last, bare, before, prompt, whole);
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            _differs = true;   // the template refuses turns that stand so
            return null;
        }
    }

    private List<(string, bool)>? Cut(List<ChatTurn> turns, int last, string bare, string before, string prompt, string whole)
    {
        List<(string, bool)> pieces = [];
        string waiting = before;   // written, but not yet in a piece
        int at = before.Length;
        if (!whole.StartsWith(before, StringComparison.Ordinal))
            return null;
        for (int i = 1; i <= last; i++)
        {
            string both = Render([turns[0], turns[i]], [], answers: false);
            if (!both.StartsWith(bare, StringComparison.Ordinal))
                return null;
            string own = both[bare.Length..];
            if (at + own.Length > whole.Length || !whole.AsSpan(at, own.Length).SequenceEqual(own))
                return null;
            at += own.Length;
            if (turns[i].Role != "assistant")
            {
                waiting += own;
                continue;
            }

            if (!own.StartsWith(prompt, StringComparison.Ordinal))
                return null;
            pieces.Add((waiting + prompt, false));
            pieces.Add((own[prompt.Length..], true));
            waiting = "";
        }

        return at == whole.Length ? pieces : null;
    }

    private string Render(IReadOnlyList<ChatTurn> turns, IReadOnlyList<string> tools, bool answers) =>
        template.Render(turns, options with { Tools = tools, AddGenerationPrompt = answers });
}
