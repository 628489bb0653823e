namespace Thimble.Models.Chat;

/// <summary>Writes JSON as Python's <c>json.dumps</c> does, which is what the filter <c>tojson</c> gives.</summary>
/// <param name="rendering">Whose limits hold.</param>
/// <param name="ascii">Whether every character outside ASCII is escaped.</param>
/// <param name="indent">One level of indentation, or null for a single line.</param>
/// <param name="item">What stands between items.</param>
/// <param name="pair">What stands between a key and its value.</param>
/// <param name="sorts">Whether keys are sorted.</param>
internal sealed class JsonText(Rendering rendering, bool ascii, string? indent, string item, string pair, bool sorts)
{
    private readonly Printer _to = new(rendering);
    private int _level;

    public string Write(JinjaValue value)
    {
        Value(value);
        return _to.ToString();
    }

    private void Value(JinjaValue value)
    {
        switch (value)
        {
            case NoneValue: _to.Append("null"); break;
            case BooleanValue: _to.Append(value.IsTrue ? "true" : "false"); break;
            case FloatValue { Value: var number }: _to.Append(Number(number)); break;
            case IntegerValue: value.PrintQuoted(_to); break;
            case TextValue text: Text(text.Value); break;
            case ListValue list: Container('[', ']', list.Items, Value); break;
            case DictValue dict: Container('{', '}', Sorted(dict), Pair); break;
            case UndefinedValue missing: throw missing.Fault(rendering);
            default: throw rendering.Fault($"a value of type {value.Kind} has no JSON.");
        }
    }

    private IEnumerable<KeyValuePair<JinjaValue, JinjaValue>> Sorted(DictValue dict) => sorts
        ? StableOrder.By([.. dict.Items], entry => entry.Key, isReversed: false, rendering)
        : dict.Items;

    private void Container<T>(char open, char close, IEnumerable<T> items, Action<T> write)
    {
        _to.Enter();
        _to.Append(open);
        _level++;
        bool any = false;
        foreach (T element in items)
        {
            if (any)
                _to.Append(item);
            any = true;
            Break();
            write(element);
        }
        _level--;
        if (any)
            Break();
        _to.Append(close);
        _to.Leave();
    }

    private void Break()
    {
        if (indent is null)
            return;
        _to.Append("\n");
        for (int i = 0; i < _level; i++)
            _to.Append(indent);
    }

    private void Pair(KeyValuePair<JinjaValue, JinjaValue> entry)
    {
        switch (entry.Key)
        {
            case TextValue text: Text(text.Value); break;
            case NoneValue: Text("null"); break;
            case BooleanValue: Text(entry.Key.IsTrue ? "true" : "false"); break;
            case FloatValue { Value: var number }: Text(Number(number)); break;
            default: Text(rendering.Text(entry.Key)); break;
        }
        _to.Append(pair);
        Value(entry.Value);
    }

    private static string Number(double number) => double.IsFinite(number)
        ? PythonText.Float(number)
        : double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";

    private void Text(string text)
    {
        _to.Append('"');
        foreach (char c in text)
        {
            switch (c)
            {
                case '"': _to.Append("\\\""); break;
                case '\\': _to.Append("\\\\"); break;
                case '\n': _to.Append("\\n"); break;
                case '\r': _to.Append("\\r"); break;
                case '\t': _to.Append("\\t"); break;
                case '\f': _to.Append("\\f"); break;
                case '\b': _to.Append("\\b"); break;
                case < ' ': _to.Append($"\\u{(int)c:x4}"); break;
                case > '~' when ascii: _to.Append($"\\u{(int)c:x4}"); break;
                default: _to.Append(c); break;
            }
        }
        _to.Append("\"");
    }
}
