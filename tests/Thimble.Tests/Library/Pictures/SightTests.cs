using Microsoft.Extensions.AI;
using Thimble.Models.Chat;
using Thimble.Models.Files;

namespace Thimble.Tests.Library;

public class SightTests
{
    private static readonly ChatOptions s_options = new() { MaxOutputTokens = 4, Temperature = 0 };

    [Fact]
    public async Task A_reply_depends_on_the_image()
    {
        using Model model = Open("llava");
        using IChatClient client = model.AsChatClient();
        Assert.True(model.TakesImages);
        ChatResponse one = await client.GetResponseAsync([Asked("50x37.png")], s_options), again = await client.GetResponseAsync([Asked("50x37.png")], s_options);
        Assert.Equal(one.Text, again.Text);
        Assert.Equal(again.Usage!.InputTokenCount - 1, again.Usage.CachedInputTokenCount);
        ChatResponse other = await client.GetResponseAsync([Asked("13x40.png")], s_options);
        Assert.NotEqual(one.Text, other.Text);
    }

    [Fact]
    public void Images_stand_where_they_were_said()
    {
        using Model model = Open("qwen2vl", "qwen2vl");
        Prompt prompt = model.CreatePrompt([new("user")
        {
            Parts = [new("text", "ab "), ChatPart.Image(Bytes("50x37.png")), new("text", " <__image__> "), ChatPart.Image(Bytes("13x40.png"))],
        }]);
        int[] runs = [.. prompt.Inserts.All.Select(insert => insert.Count)];
        Assert.Equal(2, runs.Length);
        Assert.Equal(30, runs[0]);
        int[] ids = prompt.Ids.ToArray();
        Assert.Equal(runs.Sum(), ids.Count(id => id < 0));
        Assert.Equal(2, ids.Count(id => id == model.Tokenizer.Find("<|vision_start|>")));
        Assert.Contains("<__image__>", model.Tokenizer.Decode([.. ids.Where(id => id >= 0)]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_without_a_projector_says_so()
    {
        using var model = Model.Open(Golden.Path("stories260K/stories260K.bin"), new() { Threads = 1 });
        Assert.False(model.TakesImages);
        using IChatClient client = model.AsChatClient();
        NotSupportedException refused = await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync([Asked("50x37.png")], s_options));
        Assert.Contains("projector", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_projector_must_fit_and_be_the_only_one()
    {
        InvalidDataException unfit = Assert.Throws<InvalidDataException>(() => Model.Open(
            Golden.Path("stories260K/stories260K.bin"), new() { Threads = 1, Projector = Golden.Path("vision/mmproj-llava.gguf") }));
        Assert.Contains("32 features", unfit.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => Open("llava", "llama", "llama.gguf"));
        using var crowded = Model.Open(Golden.Path("vision/llama.gguf"), new() { Threads = 1 });
        Assert.Contains("Several", Assert.Throws<NotSupportedException>(() => crowded.TakesImages).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vectors_for_the_first_layers_are_as_many_as_the_model_takes()
    {
        using (Model model = Open("qwen3vl", "qwen3vl"))
        {
            using IChatClient client = model.AsChatClient();
            ChatResponse one = await client.GetResponseAsync([Asked("50x37.png")], s_options), again = await client.GetResponseAsync([Asked("50x37.png")], s_options);
            Assert.Equal((one.Text, again.Usage!.InputTokenCount - 1), (again.Text, again.Usage.CachedInputTokenCount));
        }

        var file = ModelFile.Open(Golden.Path("vision/qwen3vl.gguf"));
        file.Metadata.Set("qwen3vl.n_deepstack_layers", 2L);
        InvalidDataException unfit = Assert.Throws<InvalidDataException>(() => Model.Open(file, new() { Threads = 1, Projector = Golden.Path("vision/mmproj-qwen3vl.gguf") }));
        Assert.Contains("n_deepstack_layers", unfit.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_images_and_cuts_within_one_are_refused()
    {
        using Model model = Open("gemma3", "gemma3");
        using IChatClient client = model.AsChatClient();
        byte[] cut = Bytes("50x37.png")[..900];
        using Session session = model.CreateSession();
        Prompt prompt = model.CreatePrompt([new("user") { Parts = [ChatPart.Image(Bytes("50x37.png")), new("text", "what")] }]);
        await session.Continue(prompt, new() { MaxTokens = 2 }).TextAsync();
        Assert.Throws<ArgumentOutOfRangeException>(() => session.RollBack(prompt.Inserts.All[0].Start + 1));
        session.RollBack(prompt.Inserts.All[0].Start);
        await Assert.ThrowsAsync<InvalidDataException>(() => client.GetResponseAsync([new(ChatRole.User, [new DataContent(cut, "image/png")])], s_options));
        Assert.NotNull(await client.GetResponseAsync([Asked("50x37.png")], s_options));
    }

    [Fact]
    public void Some_templates_take_contents_in_parts_only()
    {
        var parted = ChatTemplate.Parse("{% for m in messages %}{{ m.role }}:{% for p in m.content %}{% if p.type == 'text' %}{{ p.text }}{% endif %}{% endfor %}{% endfor %}");
        Assert.True(parted.Traits.Parts);
        Assert.False(ChatTemplate.Parse("{% for m in messages %}{{ m.role }}: {{ m.content }}{% endfor %}").Traits.Parts);
    }

    private static ChatMessage Asked(string picture) => new(ChatRole.User, [new DataContent(Bytes(picture), "image/png"), new TextContent("what")]);

    private static byte[] Bytes(string picture) => File.ReadAllBytes(Golden.Path("vision/" + picture));

    private static Model Open(string projector, string text = "llama", string? file = null) => Model.Open(
        Golden.Path($"vision/{text}.gguf"), new() { Threads = 1, ContextLength = 256, Projector = Golden.Path("vision/" + (file ?? $"mmproj-{projector}.gguf")) });
}
