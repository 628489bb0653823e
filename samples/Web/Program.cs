// dotnet run --project samples/Web -- --model path/to/model.gguf
// curl -N 'http://localhost:5000/story?beginning=Once%20upon%20a%20time'
// curl -N http://localhost:5000/chat -H 'Content-Type: application/json' -d '{"message":"Tell me about thimbles."}'
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Thimble;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddThimble(builder.Configuration["model"]);

WebApplication app = builder.Build();

// Plain text as it is written: the answer begins with the first token.
app.MapGet("/story", async (Model model, HttpContext http, string beginning = "Once upon a time", int tokens = 128) =>
{
    http.Response.ContentType = "text/plain; charset=utf-8";
    GenerationOptions options = new() { MaxTokens = Math.Clamp(tokens, 1, 1024) };
    await foreach (string text in model.Generate(beginning, options, http.RequestAborted))
    {
        await http.Response.WriteAsync(text, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
});

// Server-sent events, through the interface that any other chat client could stand behind.
app.MapPost("/chat", (IChatClient client, Question question, CancellationToken stop) =>
    TypedResults.ServerSentEvents(Answer(client, question.Message, stop)));

app.Run();

static async IAsyncEnumerable<SseItem<string>> Answer(IChatClient client, string message, [EnumeratorCancellation] CancellationToken stop)
{
    await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(message, cancellationToken: stop))
        yield return new(update.Text);
}

/// <summary>What is asked of <c>/chat</c>.</summary>
/// <param name="Message">The user's words.</param>
internal sealed record Question(string Message);
