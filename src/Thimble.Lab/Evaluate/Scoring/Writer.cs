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
            int[] tokens = Prompt(model, turns, exercise.Chat);
            if (tokens.Length + 1 > model.ContextLength)
                return new(exercise.Id) { Fault = $"it takes {tokens.Length} tokens; the context holds {model.ContextLength}" };

            GenerationOptions options = new() { MaxTokens = exercise.MaxTokens, Stop = exercise.Stop, Sampling = SamplingOptions.Greedy };
            string reply = await session.Continue(tokens, options, cancellation).TextAsync(cancellation).ConfigureAwait(false);
            replies.Add(reply);
            turns.Add(new("assistant", reply));
        }

        return new(exercise.Id) { Replies = [.. replies] };
    }

    /// <summary>The tokens of a conversation, at whose end the assistant is to speak.</summary>
    /// <param name="model">The model.</param>
    /// <param name="turns">What was said.</param>
    /// <param name="chat">Whether the model's chat template is used, where it has one; else contents stand one to a line.</param>
    public static int[] Prompt(Model model, IReadOnlyList<ChatTurn> turns, bool chat)
    {
        if (!chat || model.ChatTemplate is not { } template)
            return model.Tokenizer.Encode(ChatTemplate.Plain.Render(turns));

        string prompt = template.Render(turns, new() { BeginText = Named(model, model.Tokenizer.BeginOfText), EndText = Named(model, model.Tokenizer.EndOfText) });
        bool begins = ChatPrompt.Begins(model, prompt);
        return [.. begins ? model.Tokenizer.Lead : [], .. model.Tokenizer.Encode(prompt, addSpecial: !begins, parseSpecial: true)];
    }

    private static string Named(Model model, int? token) => token is { } id ? model.Tokenizer.Decode([id], special: true) : "";
}
