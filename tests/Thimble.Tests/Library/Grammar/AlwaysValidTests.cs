using System.Text.Json;
using Thimble.Grammar;
using Thimble.Models.Tokens;

namespace Thimble.Tests.Library.Grammar;

public sealed class AlwaysValidTests
{
    [Theory, Trait("Speed", "Slow")]
    [InlineData("gpt-2", 1)]
    [InlineData("llama-spm", 2)]
    [InlineData("deepseek-coder", 3)]
    public void Every_text_of_a_random_schema_is_valid(string vocabulary, int seed)
    {
        Tokenizer tokenizer = Formats.Open(vocabulary);
        var grammars = new Grammars(tokenizer, tokenizer.VocabularySize);
        var random = new Random(seed);
        int written = 0;
        for (int i = 0; i < 25; i++)
        {
            string schema = new RandomSchema(random).Whole().ToJsonString();
            if (Compile(grammars, schema) is not { } grammar)
                continue;
            for (int text = 0; text < 2; text++)
                written += Check(schema, grammar.Begin(), tokenizer, random);
        }

        Assert.True(written > 15, $"Only {written} texts ended.");
    }

    [Fact, Trait("Speed", "Slow")]
    public void Masks_of_schemas_agree_with_asking_for_each_token()
    {
        Tokenizer tokenizer = Formats.Open("gpt-2");
        var grammars = new Grammars(tokenizer, tokenizer.VocabularySize);
        var random = new Random(8);
        int[] ids = new int[tokenizer.VocabularySize];
        for (int i = 0; i < 3; i++)
        {
            if (Compile(grammars, new RandomSchema(random).Whole().ToJsonString()) is not { } grammar)
                continue;
            Matcher matcher = grammar.Begin();
            for (int step = 0; step < 3 && !matcher.IsFinished; step++)
            {
                Formats.CheckMask(matcher, tokenizer);
                matcher.Accept(ids[random.Next(matcher.Mask().CopyTo(ids))]);
            }
        }
    }

    private static TokenGrammar? Compile(Grammars grammars, string schema)
    {
        try
        {
            return grammars.Of(OutputFormat.JsonSchema(schema));
        }
        catch (NotSupportedException)
        {
            return null;
        }
        catch (ArgumentException nothing) when (nothing.Message.StartsWith("No value", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private static int Check(string schema, Matcher matcher, Tokenizer tokenizer, Random random)
    {
        if (Formats.Write(matcher, tokenizer, random, patience: 12) is not { } text)
            return 0;
        using var rules = JsonDocument.Parse(schema);
        using var value = JsonDocument.Parse(text);
        Assert.True(JsonJudge.IsValid(rules.RootElement, rules.RootElement, value.RootElement), $"{text}\ndoes not meet\n{schema}");
        return 1;
    }
}
