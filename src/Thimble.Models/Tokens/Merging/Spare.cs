namespace Thimble.Models.Tokens;

/// <summary>Keeps one scratch object between calls; two callers at once get one each.</summary>
internal sealed class Spare<T>(Func<T> make)
    where T : class
{
    private T? _spare;

    public T Take() => Interlocked.Exchange(ref _spare, null) ?? make();

    public void Return(T scratch) => _spare = scratch;
}
