using Microsoft.Extensions.AI;

namespace Thimble;

/// <summary>Adapters in the options of Microsoft.Extensions.AI.</summary>
public static class ChatAdapters
{
    /// <summary>The key of <see cref="ChatOptions.AdditionalProperties"/> under which adapters stand.</summary>
    public const string Key = "thimble.adapters";

    /// <summary>Lets a reply go through adapters.</summary>
    /// <param name="options">The options; changed.</param>
    /// <param name="adapters">They, loaded for the model that replies; none for the model as it is.</param>
    /// <returns>The same options.</returns>
    public static ChatOptions WithAdapters(this ChatOptions options, params IReadOnlyList<AppliedAdapter> adapters)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(adapters);
        (options.AdditionalProperties ??= [])[Key] = adapters;
        return options;
    }

    /// <summary>The adapters that options ask for.</summary>
    /// <exception cref="ArgumentException">Something else stands under their key.</exception>
    internal static IReadOnlyList<AppliedAdapter> Of(ChatOptions options) => options.AdditionalProperties?.GetValueOrDefault(Key) switch
    {
        null => [],
        AppliedAdapter one => [one],
        IEnumerable<AppliedAdapter> several => [.. several],
        var other => throw new ArgumentException($"ChatOptions.AdditionalProperties[\"{Key}\"] is a {other.GetType().Name}; expected AppliedAdapters. Use WithAdapters.", nameof(options)),
    };
}
