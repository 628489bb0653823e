using System.Runtime.InteropServices;
using System.Text.Json;
using Thimble.Models.Files;

namespace Thimble.Models.Adapters;

/// <summary>Writes adapters as PEFT lays them out: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</summary>
/// <remarks>The field <c>thimble_base</c>, which PEFT does not read, names the model they were trained on. Bottlenecks are written as the fork of
/// PEFT in LLM-Adapters names them (<c>peft_type</c> BOTTLENECK), which PEFT itself does not know.</remarks>
internal static class PeftWriter
{
    /// <summary>Writes a folder.</summary>
    /// <param name="folder">Where; made if it is not there.</param>
    /// <param name="draft">The adapter.</param>
    /// <param name="model">The model it was trained on.</param>
    /// <exception cref="NotSupportedException">The architecture, or a weight, has no name there.</exception>
    public static void Write(string folder, AdapterDraft draft, ModelFile model)
    {
        var modules = new PeftModules(Family.OfArchitecture(folder, model.Architecture), model, folder);
        List<SafetensorsWriter.Entry> entries = [];
        SortedSet<string> targets = new(StringComparer.Ordinal);
        foreach (DraftPart part in draft.Parts)
        {
            (Change change, string module) = modules.Module(part.Target);
            targets.Add(module);
            float[] values = part.OutputRows > 0 ? PeftModules.Parted(part.Values, modules.Heads(change), part.OutputRows, Math.Max(1, part.Columns))
                : part.OutputColumns > 0 ? PeftModules.Parted(part.Values, modules.Heads(change), part.OutputColumns, 1)
                : part.Values;
            entries.Add(Entry($"base_model.model.{module}.{part.Name}", values, part.Columns == 0 ? [values.Length] : [values.Length / part.Columns, part.Columns]));
        }

        if (draft.Lead is { } lead)
            entries.Add(Entry("prompt_embeddings", Parted(lead, modules), [lead.Count, lead.Values.Length / lead.Count]));
        Directory.CreateDirectory(folder);
        SafetensorsWriter.Write(Path.Combine(folder, "adapter_model.safetensors"), entries, new Dictionary<string, string> { ["format"] = "pt" });
        byte[] config = Config(draft, targets);
        using var file = new DraftFile(Path.Combine(folder, "adapter_config.json"), config.Length);
        file.Write(0, config);
        file.Commit();
    }

    private static SafetensorsWriter.Entry Entry(string name, float[] values, long[] shape) =>
        new(name, "F32", shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>A prefix with its keys in PEFT's order.</summary>
    private static float[] Parted(DraftLead lead, PeftModules modules)
    {
        if (lead.Layers == 0 || !modules.PairsKeys)
            return lead.Values;
        int width = lead.Values.Length / lead.Count / (2 * lead.Layers);
        float[] parted = [.. lead.Values];
        for (int at = 0; at < parted.Length; at += 2 * width)   // keys, then values
            PeftModules.Parted(parted[at..(at + width)], lead.Heads, width, 1).CopyTo(parted.AsSpan(at));
        return parted;
    }

    private static byte[] Config(AdapterDraft draft, IEnumerable<string> targets)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("peft_type", draft.Kind);
            json.WriteString("task_type", "CAUSAL_LM");
            json.WriteString("base_model_name_or_path", draft.BaseName);
            json.WriteBoolean("inference_mode", true);
            foreach ((string field, object value) in draft.Fields)
                Write(json, field, value);
            if (draft.Lead is null)
            {
                json.WriteStartArray("target_modules");
                foreach (string target in targets)
                    json.WriteStringValue(target);
                json.WriteEndArray();
            }

            json.WriteStartObject("thimble_base");
            json.WriteString("layout", draft.Base.Layout);
            json.WriteString("content", draft.Base.Content);
            json.WriteString("small", draft.Base.Small);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return text.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string field, object value)
    {
        json.WritePropertyName(field);
        switch (value)
        {
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case int whole:
                json.WriteNumberValue(whole);
                break;
            case float number:
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteStringValue((string)value);
                break;
        }
    }
}
