using System.Text.RegularExpressions;
using Thimble.Models.Chat;

namespace Thimble.Lab.Training;

/// <summary>Stories, each as the answer to someone who asks for it: for any story, for one about who is named in it, or for one that begins so.</summary>
internal static partial class StoryRequests
{
    private static readonly string[] s_any = ["Tell me a story.", "Can you tell me a story?", "Please tell me a short story.", "I want to hear a story.", "Write a story for me.", "Tell me a bedtime story."];
    private static readonly string[] s_named = ["Tell me a story about {0}.", "Write a story about {0}.", "Can you tell me about {0}?", "I would like a story about {0}, please."];

    /// <summary>Reads stories parted by <c>&lt;|endoftext|&gt;</c>.</summary>
    public static IEnumerable<Dialogue> Read(string path)
    {
        foreach ((int i, string story) in TextLines.All(path).Split("<|endoftext|>", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Index())
            yield return new([new ChatTurn("user", Request(i, story)), new ChatTurn("assistant", story)]);
    }

    private static string Request(int i, string story)
    {
        string hero = Named.Match(story) is { Success: true } match ? match.Groups[match.Groups["kind"].Success ? "kind" : "name"].Value : "";
        return hero.Length == 0 || i % 3 == 0 ? s_any[i % s_any.Length]
            : i % 3 == 1 ? string.Format(System.Globalization.CultureInfo.InvariantCulture, s_named[i % s_named.Length], hero)
            : $"Tell me a story that begins like this: {story[..Math.Min(story.Length, story.IndexOf('.', StringComparison.Ordinal) + 1)]}";
    }

    [GeneratedRegex(@"(?<kind>an? (little |big |small |old )?\w+) named \w+|(named|girl|boy) (?<name>[A-Z]\w+)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Named { get; }
}
