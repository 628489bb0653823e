// dotnet run --project samples/Server -- --model path/to/model.gguf
// curl http://localhost:5000/ai/v1/chat/completions -d '{"messages": [{"role": "user", "content": "Tell me about thimbles."}]}'
using Thimble.Server;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddThimble(options =>
{
    options.Model = builder.Configuration["model"];   // without one, the story model inside Thimble
    options.MaxOutputTokens = 1024;
    options.RequestTimeout = TimeSpan.FromMinutes(2);
});

WebApplication app = builder.Build();
app.MapGet("/", () => "The models are at /ai/v1.");
app.MapGroup("/ai").MapThimble();
app.Run();
