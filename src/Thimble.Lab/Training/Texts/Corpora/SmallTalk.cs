using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Thimble.Lab.Training;

/// <summary>Small talk as the ChatterBot corpus writes it: YAML lists of utterances, the user's and the assistant's in turn.</summary>
internal static class SmallTalk
{
    /// <summary>Reads a file, or all <c>.yml</c> files of a folder.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="broken">Receives files and conversations that could not be read.</param>
    public static IEnumerable<Dialogue> Read(string path, List<string> broken) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.yml").Order(StringComparer.Ordinal).SelectMany(file => OfFile(file, broken)) : OfFile(path, broken);

    private static IEnumerable<Dialogue> OfFile(string path, List<string> broken)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(TextLines.All(path)));
        }
        catch (YamlException e)
        {
            broken.Add($"{Path.GetFileName(path)}:{e.Start.Line}: {e.Message}");
            return [];
        }

        return stream.Documents is [{ RootNode: YamlMappingNode root }] && root.Children.TryGetValue(new YamlScalarNode("conversations"), out YamlNode? list) && list is YamlSequenceNode conversations
            ? conversations.Children.OfType<YamlSequenceNode>().Where(conversation => conversation.Children.Count > 1).Select(Of)
            : [];
    }

    private static Dialogue Of(YamlSequenceNode conversation) =>
        new([.. conversation.Children.Select((utterance, i) => new Models.Chat.ChatTurn(i % 2 == 0 ? "user" : "assistant", utterance.ToString()))]);
}
