using System.Buffers.Binary;
using System.Text.Json;

namespace Thimble.Tests.Server;

public class EmbeddingsTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task Base64_holds_the_same_numbers()
    {
        float[][] plain = await VectorsAsync("""{"input": ["A dog.", "A cake."]}""");
        (int _, JsonElement json) = await server.PostAsync("/v1/embeddings", """{"input": ["A dog.", "A cake."], "encoding_format": "base64"}""");
        for (int i = 0; i < 2; i++)
        {
            byte[] bytes = json.GetProperty("data")[i].GetProperty("embedding").GetBytesFromBase64();
            Assert.Equal(plain[i], Enumerable.Range(0, bytes.Length / 4).Select(at => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(4 * at))));
        }
    }

    [Fact]
    public async Task Fewer_dimensions_are_the_first_ones_of_length_one()
    {
        float[] whole = (await VectorsAsync("""{"input": "A dog."}"""))[0], cut = (await VectorsAsync("""{"input": "A dog.", "dimensions": 8}"""))[0];
        Assert.Equal(8, cut.Length);
        Assert.Equal(1, cut.Sum(x => (double)x * x), 1e-5);
        Assert.Equal(whole[1] / whole[0], cut[1] / cut[0], 1e-4);
    }

    [Fact]
    public async Task A_batch_gives_what_each_text_gives_alone()
    {
        float[][] together = await VectorsAsync("""{"input": ["A dog ran.", "Mom made a cake.", "A dog ran."]}"""), alone = await VectorsAsync("""{"input": "Mom made a cake."}""");
        Assert.Equal(alone[0], together[1]);
        Assert.Equal(together[0], together[2]);
        (int _, JsonElement json) = await server.PostAsync("/embedding", """{"content": "Mom made a cake."}""");
        Assert.Equal(alone[0], json[0].GetProperty("embedding")[0].EnumerateArray().Select(x => x.GetSingle()));
    }

    [Fact]
    public async Task Too_many_dimensions_are_refused_by_name()
    {
        (int status, JsonElement json) = await server.PostAsync("/v1/embeddings", """{"input": "a", "dimensions": 100000}""");
        Assert.Equal((400, "dimensions"), (status, json.GetProperty("error").GetProperty("param").GetString()));
    }

    private async Task<float[][]> VectorsAsync(string body)
    {
        (int _, JsonElement json) = await server.PostAsync("/v1/embeddings", body);
        return [.. json.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("embedding").EnumerateArray().Select(x => x.GetSingle()).ToArray())];
    }
}
