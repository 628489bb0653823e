using Thimble.Models.Chat;

namespace Thimble.Server.OpenAi;

/// <summary>Responses that later ones may go on from: the latest, in memory, within bounds, and each its own key's alone.</summary>
internal sealed class ResponseStore
{
    private const int Most = 1024;
    private const long MostCharacters = 64 << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<StoredResponse>> _byId = new(StringComparer.Ordinal);
    private readonly LinkedList<StoredResponse> _byUse = [];
    private long _characters;

    /// <summary>Keeps one; the ones unused longest make room.</summary>
    public void Add(StoredResponse response)
    {
        if (response.Characters > MostCharacters)
            return;
        lock (_lock)
        {
            _byId[response.Id] = _byUse.AddFirst(response);
            _characters += response.Characters;
            while (_byUse.Count > Most || _characters > MostCharacters)
                Drop(_byUse.Last!);
        }
    }

    /// <summary>One of a key's responses; null where there is none of that id.</summary>
    public StoredResponse? Find(string id, string tenant)
    {
        lock (_lock)
        {
            if (!_byId.TryGetValue(id, out LinkedListNode<StoredResponse>? node) || node.Value.Tenant != tenant)
                return null;
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value;
        }
    }

    /// <summary>Forgets one of a key's responses.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(string id, string tenant)
    {
        lock (_lock)
        {
            if (!_byId.TryGetValue(id, out LinkedListNode<StoredResponse>? node) || node.Value.Tenant != tenant)
                return false;
            Drop(node);
            return true;
        }
    }

    private void Drop(LinkedListNode<StoredResponse> node)
    {
        _byUse.Remove(node);
        _byId.Remove(node.Value.Id);
        _characters -= node.Value.Characters;
    }
}

/// <summary>A response that was kept.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Turns">The conversation up to and with it, without instructions.</param>
/// <param name="Json">What was answered.</param>
internal sealed record StoredResponse(string Id, string Tenant, IReadOnlyList<ChatTurn> Turns, byte[] Json)
{
    /// <summary>What it takes in memory, roughly.</summary>
    public long Characters { get; } = Json.Length + Turns.Sum(turn =>
        64L + (turn.Content?.Length ?? 0) + (turn.Reasoning?.Length ?? 0) + turn.ToolCalls.Sum(call => (long)call.Arguments.Length + call.Name.Length)
        + (turn.Parts?.Sum(part => (long)part.Data.Length + (part.Text?.Length ?? 0)) ?? 0));
}
