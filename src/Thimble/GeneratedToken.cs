namespace Thimble;

/// <summary>One generated token.</summary>
/// <param name="Id">Its id in the vocabulary; −1 for text held back that comes when a generation ends.</param>
/// <param name="Text">The text it completes: empty while a character or a possible stop text is incomplete.</param>
public readonly record struct GeneratedToken(int Id, string Text);
