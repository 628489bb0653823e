using Thimble.Compute.Memory;
using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Speculative;

namespace Thimble.Tests.Library.Speculative.OmniDraft;

public class LessonNotesTests
{
    private readonly Translator _translator = new(Of("ple-tinystories-int4/ple-d32-s0.bin"), Of("stories260K/stories260K.bin"));
    private readonly List<DraftLesson> _lessons = [];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tokens_probability_goes_to_the_first_of_the_drafters_tokens_that_it_is(bool marginal)
    {
        float[] logits = Logits();
        LessonNotes notes = Notes(marginal);
        notes.Think(new(logits, 4096), []);
        notes.Write([5, 6, 7], 2, [1]);
        notes.Flush([5, 6, 7]);
        float[] heard = Assert.Single(_lessons).Probabilities[0]!, expected = new float[512];
        for (int id = 0; id < 4096; id++)
        {
            if ((marginal ? _translator.First(id) : _translator.ToDraft(id)) is >= 0 and int first)
                expected[first] += MathF.Exp(logits[id]);
        }

        float sum = expected.Sum();
        Assert.True(Enumerable.Range(0, 512).All(i => Math.Abs(heard[i] - (expected[i] / sum)) < 1e-5));
        Assert.Equal(1, heard.Sum(), 1e-4);
    }

    [Fact]
    public void Tokens_within_one_of_the_target_are_foretold_as_they_are()
    {
        LessonNotes notes = Notes(marginal: true);
        notes.Think(new([.. Logits(), .. Logits()], 4096), [0]);
        notes.Write([5, 6, 7, 8, 9], 2, [2, 1]);
        notes.Flush([5, 6, 7, 8, 9]);
        DraftLesson lesson = Assert.Single(_lessons);
        Assert.Equal([5, 6, 7, 8, 9], lesson.Ids);
        Assert.Equal(2, lesson.From);
        Assert.Equal([false, true, false], lesson.Probabilities.Select(heard => heard is null));
    }

    [Fact]
    public void What_was_written_unheard_is_no_lesson()
    {
        LessonNotes notes = Notes(marginal: true);
        notes.Write([5, 6], 1, [1]);
        notes.Think(new(Logits(), 4096), []);
        notes.Write([5, 6, 7], 2, [1]);
        notes.Write([5, 6, 7, 8], 3, [1]);
        notes.Flush([5, 6, 7, 8]);
        DraftLesson lesson = Assert.Single(_lessons);
        Assert.Equal([5, 6, 7], lesson.Ids);
        Assert.Equal(2, lesson.From);
    }

    [Fact]
    public void A_long_text_gives_a_lesson_every_so_often_with_what_went_before()
    {
        LessonNotes notes = Notes(marginal: true);
        int[] ids = [.. Enumerable.Range(0, 401).Select(i => i % 500)];
        for (int i = 1; i <= 400; i++)
        {
            notes.Think(new(Logits(), 4096), []);
            notes.Write(ids.AsSpan(0, i + 1), i, [1]);
        }

        Assert.Equal(6, _lessons.Count);
        Assert.All(_lessons, lesson => Assert.True(lesson.Ids.Length <= 256 && lesson.Probabilities.Count == 64 && lesson.Ids.Length == lesson.From + 64));
    }

    private LessonNotes Notes(bool marginal) => new(_translator, 512, marginal, _lessons.Add);

    private static float[] Logits()
    {
        var random = new Random(2);
        return [.. Enumerable.Range(0, 4096).Select(_ => (float)random.NextDouble() * 3)];
    }

    private static Tokenizer Of(string name)
    {
        using var file = ModelFile.Open(Golden.Path(name));
        return Tokenizer.From(file.Metadata);
    }
}
