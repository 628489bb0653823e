using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Thimble.Models.Files;
using Thimble.Planning;

namespace Thimble.Lab.Analyze;

/// <summary>What a use of a model is, for questions about platforms.</summary>
public sealed record PlatformOptions
{
    /// <summary>A use by name, whose tokens and beams are taken: <c>chat</c>, <c>question-answering</c>, <c>summarisation</c> or <c>code</c>; null for <see cref="Prompt"/> and <see cref="Generated"/>.</summary>
    public string? Use { get; init; }

    /// <summary>Tokens of the prompt.</summary>
    public int Prompt { get; init; } = 512;

    /// <summary>Tokens of the answer.</summary>
    public int Generated { get; init; } = 128;

    /// <summary>Sequences side by side.</summary>
    public int Users { get; init; } = 1;

    /// <summary>The longest until the first token.</summary>
    public TimeSpan FirstToken { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest for each further token.</summary>
    public TimeSpan PerToken { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What everything is stored and computed in: <c>F32</c>, <c>F16</c>, <c>I8</c> or <c>I4</c>.</summary>
    public string Number { get; init; } = Device.F16;

    /// <summary>The share of its peaks that a node reaches.</summary>
    public double Efficiency { get; init; } = 1;

    /// <summary>The device whose nodes are counted; null for none.</summary>
    public Device? Device { get; init; }

    /// <summary>A small model that drafts; null for none.</summary>
    public string? Drafter { get; init; }

    /// <summary>How likely a drafted token is accepted.</summary>
    public double Acceptance { get; init; } = 0.6;
}

/// <summary>What platform a use of a model asks for, and what a platform makes of it, as GenZ works it out.</summary>
/// <param name="Model">The model.</param>
/// <param name="Use">The use in words.</param>
/// <param name="OperationsPerSecond">Operations a second that make the first token come in time.</param>
/// <param name="BytesPerSecond">Bytes a second that make every token come in time.</param>
/// <param name="MemoryBytes">Bytes of memory.</param>
public sealed record PlatformAnswer(string Model, string Use, double OperationsPerSecond, double BytesPerSecond, double MemoryBytes)
{
    private const int Chunk = 256, Drafted = 4;

    /// <summary>The device whose nodes are counted; null for none.</summary>
    public string? Device { get; init; }

    /// <summary>The fewest nodes of it on which the use fits, a power of two.</summary>
    public int? Nodes { get; init; }

    /// <summary>The ways in which as many nodes can divide the model, the one of most tokens a second first.</summary>
    public IReadOnlyList<PlatformDivision> Divisions { get; init; } = [];

    /// <summary>A single node, where the use does not fit it: what does not fit comes from outside for every token; null where it fits.</summary>
    public PlatformDivision? Offloaded { get; init; }

    /// <summary>Seconds of a step that reads 256 tokens of a prompt and generates for the others; null without a device.</summary>
    public double? ChunkSeconds { get; init; }

    /// <summary>Tokens a second with four of them drafted; null without a drafter.</summary>
    public double? DraftedPerSecond { get; init; }

    /// <summary>Works it out.</summary>
    /// <param name="path">A model, or the config.json of one; null for the model inside this library.</param>
    /// <param name="options">The use.</param>
    /// <exception cref="CapacityException">The model does not fit on any number of such nodes that is tried.</exception>
    /// <exception cref="NotSupportedException">The use is unknown; the message lists the known ones.</exception>
    public static PlatformAnswer Of(string? path, PlatformOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using ModelFile file = Analysis.Opened(path, null);
        var shape = TransformerShape.Of(file);
        UseCase use = Asked(options);
        Platform plain = new() { Compatible = false, Number = options.Number, Efficiency = options.Efficiency };
        GenZ platform = new(shape, options.Device ?? Devices.Named("H100_GPU"), plain);
        (double operations, double bytes, double memory) = platform.Requirement(use);
        PlatformAnswer answer = new(
            file.Metadata.FindText("general.name") ?? file.Path, $"{use.Name}: {use.Batch} x {use.Prompt} + {use.Generated} tokens, {use.Beams} beams, in {options.Number}", operations, bytes, memory);
        return options.Device is { } node ? answer.On(node, shape, plain, use, options) : answer;
    }

    /// <summary>One JSON object.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PlatformJson.Default.PlatformAnswer);

    /// <summary>It in sentences.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Line($"{Model}, {Use}: asks for {OperationsPerSecond / 1e12:G3} Top/s, {BytesPerSecond / 1e9:G4} GB/s and {MemoryBytes / 1e9:G4} GB.");
        if (Device is null)
            return text.ToString().TrimEnd();
        Line($"{Device}: {Nodes} nodes at least");
        foreach (PlatformDivision division in Divisions)
            Line($"- {division}");
        if (Offloaded is not null)
            Line($"One node, with what does not fit outside: {Offloaded}");
        if (ChunkSeconds is { } chunk)
            Line($"A step that reads {Chunk} tokens of a prompt beside the others takes {chunk * 1e3:G4} ms.");
        if (DraftedPerSecond is { } drafted)
            Line($"With {Drafted} tokens drafted: {drafted:G4} tokens/s.");
        return text.ToString().TrimEnd();

        void Line(FormattableString line) => text.Append(FormattableString.Invariant(line)).Append('\n');
    }

    private PlatformAnswer On(Device node, TransformerShape shape, Platform plain, UseCase use, PlatformOptions options)
    {
        GenZ one = new(shape, node, plain);
        (int nodes, Platform best, _) = one.LeastPlatform(use);
        PlatformDivision[] divisions =
        [
            .. one.Divisions(nodes).Select(division => Measured(shape, node, division with { Offloads = true }, use)).Where(division => !division.Offloads)
                .OrderByDescending(division => division.TokensPerSecond),
        ];
        double? drafted = null;
        if (options.Drafter is not null)
        {
            using ModelFile small = Analysis.Opened(options.Drafter, null);
            GenZ draft = new(TransformerShape.Of(small), node, plain);
            drafted = new GenZ(shape, node, best).Speculate(draft, use.Batch, (use.Prompt, use.Generated), Drafted, options.Acceptance).PerSecond;
        }

        int read = Math.Min(Chunk, use.Prompt);
        return this with
        {
            Device = node.Name,
            Nodes = nodes,
            Divisions = divisions,
            Offloaded = nodes > 1 ? Measured(shape, node, plain with { Offloads = true }, use) : null,
            ChunkSeconds = new GenZ(shape, node, best).Chunked([(use.Prompt - read, read)], [.. Enumerable.Repeat(use.Prompt + use.Generated, use.Batch)]).Seconds,
            DraftedPerSecond = drafted,
        };
    }

    private static PlatformDivision Measured(TransformerShape shape, Device node, Platform platform, UseCase use)
    {
        GenZ divided = new(shape, node, platform);
        GenZResult first = divided.Prefill(use.Batch, use.Prompt), each = divided.Decode(use.Batch, use.Prompt, use.Generated, use.Beams);
        return new(
            platform.Tensor, platform.Pipeline, first.Seconds, each.Seconds, each.PerSecond, platform.Nodes * each.Joules / use.Batch, each.Memory / platform.Pipeline, each.Offloads);
    }

    private static UseCase Asked(PlatformOptions options)
    {
        UseCase use = options.Use is not { } name
            ? new("asked", options.Prompt, options.Generated)
            : UseCase.Known.FirstOrDefault(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new NotSupportedException($"Use '{name}' is unknown; known: {string.Join(", ", UseCase.Known.Select(known => known.Name))}.");
        return use with { Batch = options.Users, FirstTokenSeconds = options.FirstToken.TotalSeconds, TokenSeconds = options.PerToken.TotalSeconds };
    }
}

/// <summary>A way in which nodes divide a model.</summary>
/// <param name="Tensor">Nodes among which every matrix is divided.</param>
/// <param name="Pipeline">Stages among which layers are divided.</param>
/// <param name="FirstTokenSeconds">Seconds until the first token.</param>
/// <param name="TokenSeconds">Seconds for each further token.</param>
/// <param name="TokensPerSecond">Tokens of all sequences a second.</param>
/// <param name="JoulesPerToken">Joules for each; 0 where the device's watts are unknown.</param>
/// <param name="MemoryBytes">Bytes on each node.</param>
/// <param name="Offloads">Whether some of it lies outside the nodes' memory.</param>
public sealed record PlatformDivision(
    int Tensor, int Pipeline, double FirstTokenSeconds, double TokenSeconds, double TokensPerSecond, double JoulesPerToken, double MemoryBytes, bool Offloads)
{
    /// <summary>It in words.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"tensors over {Tensor}, layers over {Pipeline}: first token {FirstTokenSeconds * 1e3:G4} ms, then {TokenSeconds * 1e3:G4} ms a token, {TokensPerSecond:G4} tokens/s, {MemoryBytes / 1e9:G3} GB a node")
        + (JoulesPerToken > 0 ? FormattableString.Invariant($", {JoulesPerToken:G3} J a token") : "");
}

/// <summary>How answers are written, worked out by the compiler.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlatformAnswer))]
internal sealed partial class PlatformJson : JsonSerializerContext;
