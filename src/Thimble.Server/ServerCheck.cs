using Microsoft.Extensions.Options;

namespace Thimble.Server;

/// <summary>Refuses options that cannot be meant, when the application starts.</summary>
internal sealed class ServerCheck : IValidateOptions<ServerOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        List<string> faults = [];
        AtLeast(1, options.MaxConcurrent, nameof(options.MaxConcurrent));
        AtLeast(0, options.MaxQueue, nameof(options.MaxQueue));
        AtLeast(1, options.MaxConcurrentPerKey ?? 1, nameof(options.MaxConcurrentPerKey));
        AtLeast(1, options.RequestsPerMinute ?? 1, nameof(options.RequestsPerMinute));
        AtLeast(1, options.MaxBodyBytes, nameof(options.MaxBodyBytes));
        AtLeast(1, options.MaxPromptTokens ?? 1, nameof(options.MaxPromptTokens));
        AtLeast(1, options.MaxOutputTokens ?? 1, nameof(options.MaxOutputTokens));
        AtLeast(1, options.MemoryBytes ?? 1, nameof(options.MemoryBytes));
        AtLeast(1, options.MaxModels ?? 1, nameof(options.MaxModels));
        if (options.RequestTimeout <= TimeSpan.Zero)
            faults.Add($"RequestTimeout is {options.RequestTimeout}; expected more than nothing.");
        if (options.DrainTimeout < TimeSpan.Zero)
            faults.Add($"DrainTimeout is {options.DrainTimeout}; expected nothing or more.");
        if (options.ApiKeys.Any(string.IsNullOrWhiteSpace))
            faults.Add("ApiKeys has an empty key; leave it out to ask for none.");
        if (options.ApiKeyFile is { } file && !File.Exists(file))
            faults.Add($"ApiKeyFile '{file}' does not exist; make one with 'thimble key NAME'.");
        if (options.SlotFolder is { } folder && !Directory.Exists(folder))
            faults.Add($"SlotFolder '{folder}' does not exist.");
        if (options.Opening.Projector is { } projector && !File.Exists(projector))
            faults.Add($"Opening.Projector '{projector}' does not exist.");
        if (options.Opening.Draft is not ("off" or "auto" or "lookup") && !Path.Exists(options.Opening.Draft))
            faults.Add($"Opening.Draft is '{options.Opening.Draft}'; expected off, auto, lookup, or the path of a smaller model.");
        foreach (ServedAdapter adapter in options.Adapters.Where(adapter => !Path.Exists(adapter.Path)))
            faults.Add($"The adapter '{adapter.Path}' does not exist.");
        if (options.Opening.ContextLength < 1)
            faults.Add($"Opening.ContextLength is {options.Opening.ContextLength}; expected 1 or more.");
        if (options.Otlp is { IsAbsoluteUri: false } otlp)
            faults.Add($"Otlp is '{otlp}'; expected a whole address such as http://localhost:4317.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;

        void AtLeast(long least, long value, string property)
        {
            if (value < least)
                faults.Add($"{property} is {value}; expected {least} or more.");
        }
    }
}
