// dotnet run --project samples/Server -- --model path/to/model.gguf
// curl http://localhost:5000/ai/v1/chat/completions -d '{"messages": [{"role": "user", "content": "Tell me about thimbles."}]}'
// curl 'http://localhost:5000/ask?about=thimbles'
using Microsoft.Extensions.AI;
using Thimble.Server;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddThimble(options =>
{
    options.Model = builder.Configuration["model"];   // without one, the story model inside Thimble
    options.MaxOutputTokens = 1024;
    options.RequestTimeout = TimeSpan.FromMinutes(2);
});
builder.Services.AddHealthChecks().AddThimble();

WebApplication app = builder.Build();
app.MapGet("/", () => "The models are at /ai/v1.");
app.MapHealthChecks("/healthz");
app.MapGroup("/ai").MapThimble();

// The same models within the application. [FromKeyedServices("qwen3-0.6b-q4_0")] asks for another one by its name.
app.MapGet("/ask", async (IChatClient client, CancellationToken stop, string about = "thimbles") =>
    (await client.GetResponseAsync($"Tell me about {about}.", new() { MaxOutputTokens = 64 }, stop)).Text);
app.Run();
