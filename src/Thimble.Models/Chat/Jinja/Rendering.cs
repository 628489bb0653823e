using System.Runtime.CompilerServices;
using System.Text;

namespace Thimble.Models.Chat;

/// <summary>One render under way: its output, its clock, what it has spent of its limits, and where it stands in the template.</summary>
internal sealed class Rendering(TemplateLimits limits, TimeProvider clock)
{
    private const int CharactersPerStep = 16;   // copying costs steps too: it bounds the memory of all texts together at 32 bytes a step

    private StringBuilder _output = new();
    private long _steps;
    private int _depth;

    public TemplateLimits Limits { get; } = limits;

    public TimeProvider Clock { get; } = clock;

    /// <summary>The expression or statement that runs now.</summary>
    public TemplatePosition At { get; set; }

    public string Output => _output.ToString();

    /// <summary>Counts one step and sees that the stack has room for another level.</summary>
    public void Step()
    {
        if (++_steps > Limits.Steps)
            throw OverLimit($"the template took more than {Limits.Steps} steps", nameof(TemplateLimits.Steps));
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw OverLimit("the template nests deeper than the stack reaches", nameof(TemplateLimits.Depth));
    }

    /// <summary>Counts the making of a text as steps; an element of a list counts as eight characters.</summary>
    public void Charge(long length) => _steps += length / CharactersPerStep;

    /// <summary>Refuses a text or list that would be too long.</summary>
    public void CheckLength(long length)
    {
        if (length > Limits.Length)
            throw OverLimit($"a text or list of {length} elements is over the limit of {Limits.Length}", nameof(TemplateLimits.Length));
    }

    /// <summary>Writes to the output, or to the innermost capture.</summary>
    public void Write(string text)
    {
        if (_output.Length + (long)text.Length > Limits.Output)
            throw OverLimit($"the output is over the limit of {Limits.Output} characters", nameof(TemplateLimits.Output));
        Charge(text.Length);
        _output.Append(text);
    }

    /// <summary>Runs something and gives what it wrote as a text of its own.</summary>
    public string Capture(Action body)
    {
        StringBuilder outer = _output;
        var inner = new StringBuilder();
        _output = inner;
        body();
        _output = outer;
        CheckLength(inner.Length);
        return inner.ToString();
    }

    /// <summary>Enters a macro.</summary>
    public void Enter()
    {
        if (++_depth > Limits.Depth)
            throw OverLimit($"macros call each other more than {Limits.Depth} deep", nameof(TemplateLimits.Depth));
    }

    /// <summary>Leaves a macro.</summary>
    public void Leave() => _depth--;

    /// <summary>The value's <c>str()</c>.</summary>
    public string Text(JinjaValue value)
    {
        if (value is TextValue text)
            return text.Value;
        var printer = new Printer(this);
        value.Print(printer);
        return printer.ToString();
    }

    /// <summary>The value's elements; a fault where it has none.</summary>
    public IEnumerable<JinjaValue> Elements(JinjaValue value) =>
        value.Elements(this) ?? throw Fault($"a value of type {value.Kind} cannot be walked; a list, text or dictionary can.");

    /// <summary>The value's elements as a list, each counted as a step.</summary>
    public List<JinjaValue> List(JinjaValue value)
    {
        var list = new List<JinjaValue>();
        foreach (JinjaValue element in Elements(value))
        {
            Step();
            list.Add(element);
            CheckLength(list.Count);
        }
        return list;
    }

    /// <summary>A fault of the template, or of inputs it does not fit, at the place that runs now.</summary>
    public InvalidDataException Fault(string message) => new($"Chat template, {At}: {message}");

    /// <summary>A limit that was hit, by its name in <see cref="TemplateLimits"/>.</summary>
    public InvalidDataException OverLimit(string message, string limit) =>
        Fault($"{message}. Raise {nameof(TemplateLimits)}.{limit} if the template is trusted.");
}
