namespace Thimble.Lab.Evaluate;

/// <summary>Who judges answers, opened when first asked.</summary>
internal sealed class Jury(EvaluationOptions options) : IDisposable
{
    private IJudge? _judge;

    /// <summary>The judge; null where none is named.</summary>
    public IJudge? Judge => _judge ??= Open();

    public void Dispose() => (_judge as IDisposable)?.Dispose();

    private IJudge? Open()
    {
        if (options.Judgements is { } path)
            return new RecordedJudge(path);
        if (options.Judge is not { } judge)
            return null;
        return new ModelJudge(EvaluationOptions.Path(judge) is { } model ? Model.Open(model, options.Opening) : Model.OpenDefault(options.Opening));
    }
}
