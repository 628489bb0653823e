using Thimble.Compute.Threads;
using Thimble.Lab.Quantize;
using Thimble.Lab.Training;
using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Tests.Models;

namespace Thimble.Tests.Lab.Training;

/// <summary>Gradients of whole models under a teacher, or under preferences, against differences.</summary>
public sealed class ObjectiveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFile _file;
    private readonly TrainedModel _model;
    private readonly Team _team = new(2);
    private readonly Tape _tape;

    public ObjectiveTests()
    {
        Quantizer.Run(Golden.Path("stories260K/stories260K.bin"), _folder["base.gguf"], new() { Type = "F32" });
        _file = NewModel.Make(new NewModelOptions { Tokenizer = _folder["base.gguf"], Layers = 1, Width = 16, Heads = 2, KeyHeads = 1, Wide = 24, Context = 64 }, seed: 3);
        _model = new TrainedModel(_file, context: 64);
        _tape = new Tape(_team);
        foreach (Parameter parameter in _model.Graph.Parameters)
            parameter.IsTrained = parameter.Name.Length > 0;
    }

    [Theory]
    [InlineData("forward", 1, 1)]
    [InlineData("reverse", 0.7f, 2)]
    [InlineData("skewed-forward", 1, 1.5f)]
    [InlineData("skewed-reverse", 0.5f, 1)]
    public void Learning_from_a_teacher_has_the_gradient_of_its_loss(string divergence, float share, float temperature)
    {
        using var objective = new TeacherObjective(Teacher(), Options(divergence) with { Share = share, Temperature = temperature }, policy: null);
        CheckGradient(objective, Batch.Of([[1, 40, 41, 42, 50], [1, 60, 61]], (_, at) => at > 1));
    }

    [Theory]
    [InlineData("forward", 1, 1)]
    [InlineData("reverse", 0.7f, 2)]
    [InlineData("skewed-forward", 1, 1.5f)]
    [InlineData("skewed-reverse", 0.5f, 1)]
    public void A_divergence_is_pushed_as_it_is_pulled(string divergence, float share, float temperature)
    {
        using var objective = new TeacherObjective(Teacher(), Options(divergence) with { Share = share, Temperature = temperature }, policy: null);
        var batch = Batch.Of([[1, 40, 41, 42, 50], [1, 60, 61]], (_, at) => at > 1);
        Parameter[] trained = [.. _model.Graph.Parameters.Where(parameter => parameter.IsTrained)];
        var random = new Random(7);
        foreach (Parameter parameter in trained)
        {
            parameter.Gradient.Values.Clear();
            foreach (ref float value in parameter.Tangent.Values)
                value = (float)((2 * random.NextDouble()) - 1) * 0.1f;
        }

        Loss(objective, batch, pulls: true);
        double pulled = trained.Sum(parameter => Enumerable.Range(0, parameter.Length).Sum(i => (double)parameter.Gradient.Values[i] * parameter.Tangent.Values[i]));
        _tape.Clear();
        (_tape.Batch, _tape.Pulls, _tape.Pushes) = (batch, false, true);
        Assert.Equal(objective.Of(_tape, _model.Graph, 1).Tangent, pulled, Math.Abs(pulled) * 1e-3);
    }

    [Fact]
    public void A_teacher_of_other_tokens_has_the_gradient_of_its_loss()
    {
        var student = Tokenizer.From(_file.Metadata);
        using var objective = new TeacherObjective(Foreign(), Options("forward") with { Share = 0.8f }, policy: null);
        CheckGradient(objective, Batch.Of([student.Encode("the cat sat on the mat"), student.Encode("Once upon a time")]));
    }

    [Fact]
    public void Preferring_has_the_gradient_of_its_loss()
    {
        var pairs = Batch.Of([[1, 40, 41, 42], [1, 40, 60, 61, 62, 63], [1, 70, 71], [1, 70, 90]], (_, at) => at > 1);
        CheckGradient(new Orpo(0.7f), pairs);
        using var dpo = new Dpo(new Teacher(ModelFile.Open(_folder["base.gguf"]), student: null, context: 64), 0.4f);
        CheckGradient(dpo, pairs);
    }

    [Fact]
    public void A_model_that_is_its_own_reference_prefers_nothing()
    {
        using var dpo = new Dpo(new Teacher(ModelFile.Open(Saved()), student: null, context: 64), 0.4f);
        Assert.Equal(Math.Log(2), Loss(dpo, Batch.Of([[1, 40, 41], [1, 42, 43]]), pulls: false), 1e-6);
    }

    [Fact]
    public void A_text_without_another_is_no_pair() =>
        Assert.Contains("preferences take pairs", Assert.Throws<ArgumentException>(() => Loss(new Orpo(1), Batch.Of([[1, 40, 41]]), pulls: false)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_a_student_writes_is_drawn_by_its_seed_and_is_what_is_learnt()
    {
        var policy = new OnPolicy(2, 5, end: null, seed: 9);
        var given = Batch.Of([[1, 40, 41, 42, 43, 44, 45], [1, 50, 51]], (text, at) => text == 1 || at > 3);
        Batch first = policy.Write(_tape, _model.Graph, given, 0), again = policy.Write(_tape, _model.Graph, given, 0), other = policy.Write(_tape, _model.Graph, given, 1);
        Assert.Equal(first.Tokens, again.Tokens);
        Assert.NotEqual(first.Tokens, other.Tokens);
        Assert.Equal([(0, 8), (8, 6)], first.Segments);   // four tokens were not to be learnt, then two were asked for
        Assert.Equal([1, 40, 41, 42], first.Tokens[..4]);
        Assert.Equal(10, first.Counted);
    }

    [Fact]
    public void Tokens_of_two_vocabularies_meet_where_both_end()
    {
        using var teacher = ModelFile.Open(ForeignPath());
        Tokenizer ours = Tokenizer.From(_file.Metadata), theirs = Tokenizer.From(teacher.Metadata);
        var map = VocabularyMap.Of(ours, theirs)!;
        int[] tokens = ours.Encode("the cat sat on the mat, naïve");
        (int[] followed, int[] places) = map.Follow(tokens);
        Assert.Equal("the cat sat on the mat, naïve", theirs.Decode(followed));
        for (int i = 1; i < tokens.Length; i++)
        {
            if (places[i] >= 0)
                Assert.Equal(ours.Decode(tokens.AsSpan(0, i + 1)).Length, theirs.Decode(followed.AsSpan(0, places[i] + 1)).Length);
        }

        Assert.True(places.Count(place => place >= 0) > tokens.Length / 3);
        Assert.Null(VocabularyMap.Of(ours, ours));
    }

    [Fact]
    public void A_teachers_beliefs_are_moved_whole()
    {
        using var teacher = ModelFile.Open(ForeignPath());
        Tokenizer ours = Tokenizer.From(_file.Metadata), theirs = Tokenizer.From(teacher.Metadata);
        float[] belief = new float[theirs.VocabularySize], moved = new float[ours.VocabularySize];
        belief[theirs.Encode(" the cat")[^1]] = 0.75f;
        belief[theirs.Encode("a")[^1]] = 0.25f;
        VocabularyMap.Of(ours, theirs)!.Move(belief, moved);
        Assert.Equal(1, moved.Sum(), 1e-6);
        Assert.Equal(2, moved.Count(value => value > 0.2f));
    }

    public void Dispose()
    {
        _tape.Dispose();
        _model.Dispose();
        _team.Dispose();
        _file.Dispose();
        _folder.Dispose();
    }

    private static DistillationOptions Options(string divergence) => new() { Teacher = "", Divergence = divergence };

    private Teacher Teacher() => new(ModelFile.Open(_folder["base.gguf"]), Tokenizer.From(_file.Metadata), context: 64);

    private Teacher Foreign()
    {
        ModelFile file = NewModel.Make(new NewModelOptions { Tokenizer = ForeignPath(), Layers = 1, Width = 16, Heads = 2, KeyHeads = 1, Wide = 24, Context = 64 }, seed: 5);
        return new Teacher(file, Tokenizer.From(_file.Metadata), context: 64);
    }

    private string Saved()
    {
        _model.Save(_folder["saved.gguf"]);
        return _folder["saved.gguf"];
    }

    private string ForeignPath()
    {
        string text = _folder.Write("words.txt", [.. string.Concat(Enumerable.Repeat("the cat sat on the mat once upon a time naïve ", 20)).SelectMany(letter => System.Text.Encoding.UTF8.GetBytes(letter.ToString()))]);
        TokenizerTraining.Run(new TokenizerRecipe { Texts = [new(text)], Vocabulary = 300, Output = _folder["words.gguf"] });
        return _folder["words.gguf"];
    }

    private double Loss(Objective objective, Batch batch, bool pulls)
    {
        _tape.Clear();
        (_tape.Batch, _tape.Pulls) = (batch, pulls);
        double loss = objective.Of(_tape, _model.Graph, 1).Mean;
        if (pulls)
            _tape.Pull();
        return loss;
    }

    private void CheckGradient(Objective objective, Batch batch)
    {
        Parameter[] trained = [.. _model.Graph.Parameters.Where(parameter => parameter.IsTrained)];
        var random = new Random(7);
        float[][] directions = [.. trained.Select(parameter => Enumerable.Range(0, parameter.Length).Select(_ => (float)((2 * random.NextDouble()) - 1) * 0.1f).ToArray())];
        foreach (Parameter parameter in trained)
            parameter.Gradient.Values.Clear();
        Loss(objective, batch, pulls: true);
        double pulled = 0;
        for (int i = 0; i < trained.Length; i++)
        {
            for (int j = 0; j < trained[i].Length; j++)
                pulled += (double)trained[i].Gradient.Values[j] * directions[i][j];
        }

        const float Step = 4e-3f;
        Move(Step);
        double ahead = Loss(objective, batch, pulls: false);
        Move(-2 * Step);
        double behind = Loss(objective, batch, pulls: false);
        Move(Step);
        Assert.Equal((ahead - behind) / (2 * Step), pulled, Math.Max(2e-3, Math.Abs(pulled) * 1e-2));
        Assert.True(Math.Abs(pulled) > 1e-3, $"The gradient is {pulled}.");

        void Move(float by)
        {
            for (int i = 0; i < trained.Length; i++)
            {
                for (int j = 0; j < trained[i].Length; j++)
                    trained[i].Values[j] += by * directions[i][j];
            }
        }
    }
}
