using Thimble.Models.Files;

if (args is ["convert", var from, var to])
{
    using var file = ModelFile.Open(from);
    GgufWriter.Write(to, file.Metadata, [.. file.Tensors.Select(TensorSource.Copy)]);
}

if (args is ["run", .. var rest])
{
    using var model = rest.Length > 0 ? Thimble.Model.Open(rest[0]) : Thimble.Model.OpenDefault();
    for (int i = 0; i < 3; i++)
    {
        var generation = model.Generate("Once upon a time", new() { MaxTokens = 256, Sampling = new() { Seed = 7 } });
        await foreach (string text in generation)
            Console.Write(text);
        Console.WriteLine($"\n{generation.FinishReason} {generation.Timings} {generation.Timings.DecodeTokensPerSecond:F0} tok/s");
    }
}
