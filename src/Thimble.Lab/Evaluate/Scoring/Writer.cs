using Thimble.Models.Chat;

namespace Thimble.Lab.Evaluate;

/// <summary>Lets a model write answers, several at a time, always taking the likeliest token.</summary>
/// <param name="model">The model.</param>
internal sealed class Writer(Model model)
{
    /// <summary>Writes the answers to one exercise's turns.</summary>
    /// <param name="exercise">The exercise.</param>
    /// <param name="cancellation">Ends it within one step.</param>
    /// <returns>The answer; one that does not fit the context has a fault.</returns>
    public async Task<Answer> WriteAsync(Exercise exercise, CancellationToken cancellation)
    {
        List<string> replies = [];
        List<ChatTurn> turns = [];
        using Session session = model.CreateSession();
        foreach (string turn in exercise.Turns)
        {
            turns.Add(new("user", turn));
            int[] tokens = Tokens(exercise, turns);
            if (tokens.Length + 1 > model.ContextLength)
                return new(exercise.Id) { Fault = $"it takes {tokens.Length} tokens; the context holds {model.ContextLength}" };

            GenerationOptions options = new() { MaxTokens = exercise.MaxTokens, Stop = exercise.Stop, Sampling = new() { Temperature = 0 } };
            string reply = await session.Continue(tokens, options, cancellation).TextAsync(cancellation).ConfigureAwait(false);
            replies.Add(reply);
            turns.Add(new("assistant", reply));
        }

        return new(exercise.Id) { Replies = [.. replies] };
    }

    private int[] Tokens(Exercise exercise, List<ChatTurn> turns)
    {
        if (!exercise.Chat || model.ChatTemplate is not { } template)
            return model.Tokenizer.Encode(ChatTemplate.Plain.Render(turns));

        string prompt = template.Render(turns, new() { BeginText = Named(model.Tokenizer.BeginOfText), EndText = Named(model.Tokenizer.EndOfText) });
        bool begins = ChatPrompt.Begins(model, prompt);
        return [.. begins ? model.Tokenizer.Lead : [], .. model.Tokenizer.Encode(prompt, addSpecial: !begins, parseSpecial: true)];
    }

    private string Named(int? token) => token is { } id ? model.Tokenizer.Decode([id], special: true) : "";
}
