namespace Thimble.Models.Files;

/// <summary>How token vectors become one, as the folders of Sentence Transformers say in <c>1_Pooling/config.json</c>.</summary>
internal static class PoolingFile
{
    private static readonly (string Field, int Kind)[] s_kinds = [("pooling_mode_mean_tokens", 1), ("pooling_mode_cls_token", 2), ("pooling_mode_lasttoken", 3)];

    /// <summary>Adds the key, if the folder has the file.</summary>
    /// <exception cref="NotSupportedException">It asks for a way that is unknown, or for several.</exception>
    public static void AddTo(ArchitectureKeys keys, string folder)
    {
        if (JsonFile.Find(Path.Combine(folder, "1_Pooling", "config.json")) is not { } file)
            return;
        int[] asked = [.. s_kinds.Where(kind => file.FindFlag(kind.Field) == true).Select(kind => kind.Kind)];
        keys.Add("pooling_type", asked is [var only]
            ? only
            : throw new NotSupportedException($"'{file.Path}' asks for {asked.Length} ways of pooling; expected one of {string.Join(", ", s_kinds.Select(kind => kind.Field))}."));
    }
}
