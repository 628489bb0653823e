using Thimble.Models.Files;

if (args is ["convert", var from, var to])
{
    using var file = ModelFile.Open(from);
    GgufWriter.Write(to, file.Metadata, [.. file.Tensors.Select(TensorSource.Copy)]);
}
