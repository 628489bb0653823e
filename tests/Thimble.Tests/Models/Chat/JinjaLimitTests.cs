using System.Diagnostics;
using Thimble.Models.Chat;

namespace Thimble.Tests.Models.Chat;

/// <summary>What a hostile template may try, each refused soon and by name.</summary>
public sealed class JinjaLimitTests
{
    [Theory]
    [InlineData("{% for i in range(10**9) %}x{% endfor %}", "Length")]
    [InlineData("{% for i in range(10**6) %}{% for j in range(10**6) %}{% endfor %}{% endfor %}", "Steps")]
    [InlineData("{{ 'a' * 2**40 }}", "Length")]
    [InlineData("{{ [1] * 2**62 }}", "Length")]
    [InlineData("{% set ns = namespace(s='a') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}", "Length")]
    [InlineData("{% set ns = namespace(s='a') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", "Length")]
    [InlineData("{% set ns = namespace(s='a') %}{% for i in range(99) %}{% set ns.s = ns.s.replace('a', 'aaaa') %}{% endfor %}", "Length")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}", "Length")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s | tojson }}", "Length")]
    [InlineData("{% set ns = namespace(a=[1], b=[1]) %}{% for i in range(99) %}{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}{% endfor %}{{ ns.a == ns.b }}", "Steps")]
    [InlineData("{% set l = [] %}{{ l.append(l) }}{{ l }}", "Depth")]
    [InlineData("{% set l = [1] %}{% for x in l %}{% set _ = l.append(1) %}{% endfor %}", "Steps")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "Depth")]
    [InlineData("{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}", "Depth")]
    [InlineData("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "Depth")]
    [InlineData("{% set x = 'a' * 10**5 %}{% for i in range(100) %}{{ x }}{% endfor %}", "Output")]
    [InlineData("{{ range(10**6) | list | map('string') | join('xxxxxxxxxx') }}", "")]
    [InlineData("{% set l = [] %}{% for i in range(10**6) %}{% set _ = l.append('a' * 2**20) %}{% endfor %}", "Steps")]
    [InlineData("{% set l = [] %}{% for i in range(10**6) %}{% set _ = l.append([1] * 2**20) %}{% endfor %}", "Steps")]
    [InlineData("{{ 'x' | center(10**9) }}", "Length")]
    [InlineData("{{ 'x'.zfill(10**9) }}", "Length")]
    [InlineData("{{ '%999999999d' % 1 }}", "")]
    [InlineData("{{ 9223372036854775807 + 1 }}", "64 bits")]
    [InlineData("{{ 10 ** 10 ** 10 }}", "64 bits")]
    public void A_hostile_template_is_refused_by_the_limit_it_hits(string template, string limit)
    {
        var watch = Stopwatch.StartNew();
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => Render(template));
        Assert.Contains(limit, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("line 1, column", refusal.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"It took {watch.Elapsed}.");
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("not ", "")]
    [InlineData("-", "")]
    public void Deep_brackets_are_refused_and_not_followed(string open, string close)
    {
        string deep = string.Concat(Enumerable.Repeat(open, 100_000)) + "1" + string.Concat(Enumerable.Repeat(close, 100_000));
        Assert.Throws<InvalidDataException>(() => Render("{{ " + deep + " }}"));
    }

    [Theory, Trait("Speed", "Slow")]
    [InlineData(" + 1")]
    [InlineData("|abs")]
    [InlineData(" or 0")]
    [InlineData(".x")]
    [InlineData(" ~ 1")]
    [InlineData(" if 1")]
    [InlineData(" < 2")]
    public void Long_chains_end_in_a_value_or_a_fault_and_never_in_the_stack(string link)
    {
        string chain = "{{ 0" + string.Concat(Enumerable.Repeat(link, 100_000)) + " }}";
        Exception? outcome = Record.Exception(() => Render(chain));
        Assert.True(outcome is null or InvalidDataException, outcome?.ToString());
    }

    [Theory, Trait("Speed", "Slow")]
    [InlineData("{% for i in range(10**9) %}x{% endfor %}")]
    [InlineData("{% for i in range(10**7) %}{% for j in range(10**7) %}{% endfor %}{% endfor %}")]
    [InlineData("{% set x = 'a' * 10**7 %}{% for i in range(100) %}{{ x }}{% endfor %}")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}")]
    public void The_standard_limits_hold_too(string template)
    {
        var watch = Stopwatch.StartNew();
        Assert.Throws<InvalidDataException>(() => ChatTemplate.Parse(template).Render([]));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public void Deep_blocks_are_refused() =>
        Assert.Throws<InvalidDataException>(() => Render(string.Concat(Enumerable.Repeat("{% if 1 %}", 100_000))));

    [Fact]
    public void Long_chains_of_elif_are_refused_or_run() =>
        Assert.True(Record.Exception(() => Render("{% if 0 %}" + string.Concat(Enumerable.Repeat("{% elif 0 %}", 100_000)) + "{% endif %}")) is null or InvalidDataException);

    [Theory]
    [InlineData("abc\n  {{ x y }}", 2, 8)]
    [InlineData("{% if x %}\n\n{{ 'a", 3, 4)]
    [InlineData("{{ a }}\n{% nosuch %}", 2, 4)]
    [InlineData("a\nb {{ none + 1 }}", 2, 11)]
    [InlineData("a\r\nb {{ missing.x }}", 2, 13)]
    [InlineData("{# open", 1, 1)]
    [InlineData("x{{ [1, 2 }}", 1, 11)]
    public void A_fault_names_line_and_column(string template, int line, int column)
    {
        InvalidDataException fault = Assert.Throws<InvalidDataException>(() => Render(template));
        Assert.Contains($"line {line}, column {column}:", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_of_the_template_carries_its_words()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => Render("{{ raise_exception('roles must ' ~ 'alternate') }}"));
        Assert.Contains("roles must alternate", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Private_attributes_lead_nowhere() =>
        Assert.Equal("", Render("{{ ''.__class__ }}{{ [].__init__ }}{{ range.__globals__ }}"));

    private static string Render(string template) =>
        JinjaTemplate.Read(template).Render([], new TemplateLimits { Steps = 1_000_000, Length = 1 << 20, Output = 1 << 20 }, new StoppedClock());
}
