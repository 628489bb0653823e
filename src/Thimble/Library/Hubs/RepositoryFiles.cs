namespace Thimble.Library;

/// <summary>Which of a repository's files make up the model that is meant.</summary>
internal static class RepositoryFiles
{
    private const string Gguf = ".gguf", Safetensors = ".safetensors";

    /// <summary>What is taken where nobody says, best first: small and hardly worse.</summary>
    private static readonly string[] s_preferred = ["Q4_K_M", "Q4_K_S", "Q4_0", "MXFP4", "Q5_K_M", "Q8_0", "F16", "BF16"];

    private static readonly string[] s_beside = [".json", ".model", ".txt", ".jinja", ".tiktoken"];

    /// <summary>The files of a quantisation, or of the whole model where none are GGUF.</summary>
    /// <param name="files">All files.</param>
    /// <param name="quantisation">A part of the file's name, such as <c>Q4_K_M</c>; null for the usual one.</param>
    /// <param name="repository">For messages.</param>
    /// <returns>The files, and the quantisation found.</returns>
    /// <exception cref="FileNotFoundException">There is no such quantisation, or no model; the message lists what there is.</exception>
    public static (IReadOnlyList<RemoteFile> Files, string? Tag) Choose(IReadOnlyList<RemoteFile> files, string? quantisation, string repository)
    {
        RemoteFile[][] models =
        [
            .. files.Where(file => file.Name.EndsWith(Gguf, StringComparison.OrdinalIgnoreCase) && !IsProjector(file) && !IsSideFile(file))
                .GroupBy(file => SplitName.Parse(file.Name)?.Stem ?? file.Name)
                .Select(parts => parts.OrderBy(file => file.Name, StringComparer.Ordinal).ToArray()),
        ];
        if (models.Length == 0 && quantisation is null or ModelName.Latest)
            return (Folder(files, repository), null);

        string[] wanted = quantisation is null or ModelName.Latest ? s_preferred : [quantisation];
        RemoteFile[] chosen = wanted.Select(name => models.Where(model => Has(model, name)).MinBy(model => model[0].Name.Length)).FirstOrDefault(model => model is not null)
            ?? (quantisation is null or ModelName.Latest ? models[0] : throw Unknown(models, quantisation, repository));
        RequireAllParts(chosen, repository);
        string tag = quantisation is null or ModelName.Latest ? Tag(chosen[0]) : quantisation;
        return ([.. Flat(chosen), .. Projector(files)], tag);
    }

    /// <summary>The part of a file's name that says how it is quantised, or all of its stem.</summary>
    private static string Tag(RemoteFile file)
    {
        string stem = Stem(file);
        int mark = stem.LastIndexOfAny(['-', '.']);
        return mark > 0 ? stem[(mark + 1)..] : stem;
    }

    private static string Stem(RemoteFile file) =>
        SplitName.Parse(file.Name) is { } split ? split.Stem[(split.Stem.LastIndexOf('/') + 1)..] : file.Name[(file.Name.LastIndexOf('/') + 1)..^Gguf.Length];

    private static bool Has(RemoteFile[] model, string quantisation)
    {
        string stem = Stem(model[0]), ending = quantisation.EndsWith(Gguf, StringComparison.OrdinalIgnoreCase) ? quantisation[..^Gguf.Length] : quantisation;
        int at = stem.LastIndexOf(ending, StringComparison.OrdinalIgnoreCase);
        return at == 0 ? stem.Length == ending.Length : at > 0 && at + ending.Length == stem.Length && stem[at - 1] is '-' or '.' or '_';
    }

    private static IEnumerable<RemoteFile> Flat(RemoteFile[] model) => model.Select(file => file with { Name = file.Name[(file.Name.LastIndexOf('/') + 1)..] });

    private static bool IsProjector(RemoteFile file) => file.Name.Contains("mmproj", StringComparison.OrdinalIgnoreCase);

    private static bool IsSideFile(RemoteFile file) => file.Name.Contains("imatrix", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<RemoteFile> Projector(IReadOnlyList<RemoteFile> files)
    {
        RemoteFile[] projectors = [.. files.Where(file => IsProjector(file) && file.Name.EndsWith(Gguf, StringComparison.OrdinalIgnoreCase))];
        RemoteFile? chosen = projectors.FirstOrDefault(file => Has([file], "F16")) ?? projectors.FirstOrDefault();
        return chosen is null ? [] : [chosen with { Role = ShelfRole.Projector, Name = chosen.Name[(chosen.Name.LastIndexOf('/') + 1)..] }];
    }

    /// <summary>A model as its authors published it: weights, configuration and tokenizer.</summary>
    private static RemoteFile[] Folder(IReadOnlyList<RemoteFile> files, string repository)
    {
        RemoteFile[] weights = [.. files.Where(file => !file.Name.Contains('/', StringComparison.Ordinal) && file.Name.EndsWith(Safetensors, StringComparison.Ordinal))];
        if (weights.Any(file => file.Name.StartsWith("model", StringComparison.Ordinal)))
            weights = [.. weights.Where(file => !file.Name.StartsWith("consolidated", StringComparison.Ordinal))];
        if (weights.Length == 0 || !files.Any(file => file.Name == "config.json"))
            throw new FileNotFoundException($"'{repository}' holds no model that this build reads: neither GGUF files nor config.json with safetensors.", repository);

        return
        [
            .. weights,
            .. files.Where(file => s_beside.Any(ending => file.Name.EndsWith(ending, StringComparison.Ordinal))
                && (!file.Name.Contains('/', StringComparison.Ordinal) || file.Name.Split('/') is [var folder, "config.json"] && folder.Contains("Pooling", StringComparison.Ordinal))),
        ];
    }

    private static void RequireAllParts(RemoteFile[] model, string repository)
    {
        if (SplitName.Parse(model[0].Name) is { } split && split.Count != model.Length)
            throw new FileNotFoundException($"'{repository}' holds {model.Length} of the {split.Count} parts of '{model[0].Name}'.", model[0].Name);
    }

    private static FileNotFoundException Unknown(RemoteFile[][] models, string quantisation, string repository)
    {
        string[] known = [.. models.Select(model => Tag(model[0])).Distinct().Order(StringComparer.Ordinal)];
        return new($"'{repository}' has no '{quantisation}'; it has {(known.Length == 0 ? "no GGUF files" : string.Join(", ", known))}.", repository);
    }
}
