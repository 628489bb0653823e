using System.Text.Json;
using System.Text.Json.Serialization;
using Thimble.Models.Files;
using Thimble.Planning;

namespace Thimble.Lab.Analyze;

/// <summary>What platform a use of a model asks for, as GenZ works it out.</summary>
/// <param name="Model">The model.</param>
/// <param name="Prompt">Tokens of the prompt.</param>
/// <param name="Generated">Tokens of the answer.</param>
/// <param name="Users">Sequences side by side.</param>
/// <param name="OperationsPerSecond">Operations a second that make the first token come in time.</param>
/// <param name="BytesPerSecond">Bytes a second that make every token come in time.</param>
/// <param name="MemoryBytes">Bytes of memory.</param>
/// <param name="Device">The device whose nodes are counted; null for none.</param>
/// <param name="Nodes">The fewest nodes of it, a power of two.</param>
/// <param name="Division">How they divide the model.</param>
/// <param name="FirstTokenSeconds">Seconds until the first token on those.</param>
/// <param name="TokenSeconds">Seconds for each further token on those.</param>
public sealed record PlatformAnswer(
    string Model, int Prompt, int Generated, int Users, double OperationsPerSecond, double BytesPerSecond, double MemoryBytes,
    string? Device, int? Nodes, string? Division, double? FirstTokenSeconds, double? TokenSeconds)
{
    private const int Answer = 128;
    private const double UsualFirst = 1, UsualEach = 0.1;

    /// <summary>Works it out, in 16-bit numbers.</summary>
    /// <param name="path">A model, or the config.json of one; null for the model inside this library.</param>
    /// <param name="options">The use, its times, and the device if one is asked about.</param>
    /// <exception cref="CapacityException">The model does not fit on any number of such nodes that is tried.</exception>
    public static PlatformAnswer Of(string? path, PlanOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using ModelFile file = Analysis.Opened(path, null);
        var shape = TransformerShape.Of(file);
        UseCase use = new("asked", options.Prompt ?? 512, Answer)
        {
            Batch = options.Users,
            FirstTokenSeconds = options.FirstToken?.TotalSeconds ?? UsualFirst,
            TokenSeconds = options.PerToken?.TotalSeconds ?? UsualEach,
        };
        Device node = options.Device ?? Devices.Named("H100_GPU");
        GenZ platform = new(shape, node, new() { Compatible = false });
        (double operations, double bytes, double memory) = platform.Requirement(use);
        PlatformAnswer answer = new(
            file.Metadata.FindText("general.name") ?? file.Path, use.Prompt, use.Generated, use.Batch, operations, bytes, memory, null, null, null, null, null);
        if (options.Device is null)
            return answer;

        (int nodes, Platform best, GenZResult result) = platform.LeastPlatform(use);
        return answer with
        {
            Device = node.Name,
            Nodes = nodes,
            Division = $"tensors over {best.Tensor}, layers over {best.Pipeline}",
            FirstTokenSeconds = new GenZ(shape, node, best with { Offloads = true }).Prefill(use.Batch, use.Prompt).Seconds,
            TokenSeconds = result.Seconds,
        };
    }

    /// <summary>One JSON object.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PlatformJson.Default.PlatformAnswer);

    /// <summary>It in sentences.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{Model}: {Users} x {Prompt} + {Generated} tokens in 16-bit numbers ask for {OperationsPerSecond / 1e12:G3} Top/s, {BytesPerSecond / 1e9:G4} GB/s and {MemoryBytes / 1e9:G4} GB.")
        + (Device is null ? "" : FormattableString.Invariant($"\n{Device}: {Nodes} nodes at least, {Division}; first token {FirstTokenSeconds * 1e3:G4} ms, then {TokenSeconds * 1e3:G4} ms a token."));
}

/// <summary>How answers are written, worked out by the compiler.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PlatformAnswer))]
internal sealed partial class PlatformJson : JsonSerializerContext;
