namespace Thimble.Server.LlamaServer;

/// <summary>Texts that requests have named by a number, with what the model keeps of them: sessions at rest, which give their memory up when others need it.</summary>
internal sealed class SlotShelf : IDisposable
{
    /// <summary>Numbers that each key has.</summary>
    public const int Most = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Tenant, int Slot), (string Name, Model Model, Session Session)> _slots = [];

    /// <summary>How many tokens a slot holds.</summary>
    public int Tokens(string tenant, int slot)
    {
        lock (_lock)
            return _slots.TryGetValue((tenant, slot), out (string, Model, Session Session) kept) ? kept.Session.Length : 0;
    }

    /// <summary>Takes a slot's text out, so that nobody else goes on with it meanwhile.</summary>
    /// <returns>The text and its model; null where the slot is empty, or its model was closed.</returns>
    public (string Name, Model Model, Session Session)? Take(string tenant, int slot)
    {
        lock (_lock)
        {
            if (!_slots.Remove((tenant, slot), out (string Name, Model Model, Session Session) kept))
                return null;
            if (!kept.Model.IsClosed)
                return kept;
            kept.Session.Dispose();
            return null;
        }
    }

    /// <summary>Puts a text into a slot; what was there goes.</summary>
    public void Put(string tenant, int slot, string name, Model model, Session session)
    {
        lock (_lock)
        {
            if (slot >= Most || model.IsClosed)
            {
                session.Dispose();
                return;
            }

            if (_slots.Remove((tenant, slot), out (string, Model, Session Session) before))
                before.Session.Dispose();
            // A closed model's texts are of no use, and hold its vocabulary.
            foreach (((string, int) closed, (_, _, Session dead)) in _slots.Where(kept => kept.Value.Model.IsClosed).ToArray())
            {
                dead.Dispose();
                _slots.Remove(closed);
            }

            _slots.Add((tenant, slot), (name, model, session));
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach ((_, _, Session session) in _slots.Values)
                session.Dispose();
            _slots.Clear();
        }
    }
}
