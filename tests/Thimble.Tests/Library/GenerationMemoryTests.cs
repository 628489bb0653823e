namespace Thimble.Tests.Library;

/// <summary>Run alone, since what a process allocates is counted for all its threads.</summary>
[CollectionDefinition("Alone", DisableParallelization = true)]
public class Alone;

[Collection("Alone")]
public class GenerationMemoryTests
{
    [Fact]
    public async Task A_reader_slower_than_the_model_gets_everything()
    {
        // The model runs ahead until its buffer is full, sleeps, and must be woken however the reader takes the next token.
        using var model = Model.OpenDefault();
        for (int round = 0; round < 5; round++)
        {
            Generation running = model.Generate("Once", new() { MaxTokens = 300, IgnoreEnd = true, Sampling = new() { Seed = 3 } });
            int seen = 0;
            while (await running.MoveNextAsync())
            {
                if (++seen % 50 == 0)
                    await Task.Run(static () => Thread.SpinWait(2_000_000));
            }

            Assert.Equal(300, seen);
        }
    }

    [Fact]
    public async Task Reading_tokens_allocates_nothing_once_texts_are_known()
    {
        using var model = Model.OpenDefault();
        GenerationOptions options = new() { MaxTokens = 400, IgnoreEnd = true, Sampling = new() { Seed = 11 } };
        await model.Generate("Once upon a time", options).TextAsync();
        Generation warm = model.Generate("Once upon a time", options);
        long before = 0;
        int seen = 0;
        while (await warm.MoveNextAsync())
        {
            if (++seen == 100)
                before = GC.GetTotalAllocatedBytes(precise: true);
        }

        long after = GC.GetTotalAllocatedBytes(precise: true);
        await warm.DisposeAsync();

        // Three hundred tokens: less than a byte for each would be none; the runtime's own threads may take a little.
        Assert.Equal(400, seen);
        Assert.InRange(after - before, 0, 8_000);
    }
}
