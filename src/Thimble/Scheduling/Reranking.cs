namespace Thimble.Scheduling;

/// <summary>Scores of documents for a query.</summary>
internal static class Reranking
{
    /// <summary>Scores documents.</summary>
    /// <returns>The first class's score of each.</returns>
    /// <exception cref="NotSupportedException">The model is no reranker.</exception>
    public static float[] Score(Model model, string query, IEnumerable<string> documents, CancellationToken cancellationToken)
    {
        if (!model.Embedder.Ranks)
        {
            throw new NotSupportedException(
                $"'{model.Name}' ({model.File.Architecture}) is no reranker: its file's '{model.File.Architecture}.pooling_type' is not 4 (rank).");
        }

        string? template = model.File.Metadata.FindText("tokenizer.chat_template.rerank");
        int[][] texts = [.. documents.Select(document => template is null
            ? model.Tokenizer.EncodePair(query, document)
            : model.Tokenizer.Encode(Filled(template, query, document), addSpecial: false, parseSpecial: true))];
        return [.. model.Embedder.Vectors(texts, cancellationToken).Select(scores => scores[0])];
    }

    /// <summary>Puts query and document where a template names them, once each way: what they hold is no template.</summary>
    private static string Filled(string template, string query, string document) => string.Join(
        query, template.Split("{query}").Select(part => part.Replace("{document}", document, StringComparison.Ordinal)));
}
