using System.Text.Json;
using Thimble.Models.Chat;

namespace Thimble.Grammar;

/// <summary>The arguments of a tool as a term, in JSON or member by member.</summary>
/// <param name="terms">Where the term is made.</param>
/// <param name="tool">The tool's name, for messages.</param>
/// <param name="parameters">The JSON schema of what it takes.</param>
internal sealed class ToolArguments(Terms terms, string tool, string parameters)
{
    /// <summary>As one JSON object.</summary>
    /// <exception cref="ArgumentException">The schema is none, or nothing meets it.</exception>
    /// <exception cref="NotSupportedException">It holds what cannot be enforced.</exception>
    public Term AsJson() => terms.Call(new FrameRule(JsonSyntax.Compile(parameters, isObject: true).Start));

    /// <summary>Member by member.</summary>
    /// <exception cref="ArgumentException">The schema is none, or nothing meets it.</exception>
    /// <exception cref="NotSupportedException">It holds what cannot be enforced, or what the notation cannot write.</exception>
    public Term As(MemberNotation notation)
    {
        using var document = JsonDocument.Parse(parameters, new() { MaxDepth = 256 });
        JsonElement root = document.RootElement.Clone();
        var json = new Ways(root, new Spelling(new(), isJson: true, isTagged: notation.Texts != TextNotation.Json));
        Ways raw = notation is { Texts: TextNotation.Json, TextEnd: null } ? json : new(root, new Spelling(new(), isJson: false));
        JsonSyntax.Look(json.Demand.Rule);
        List<Term> choices = [];
        for (int way = 0; way < json.Shapes.Length; way++)
        {
            (ObjectShape shape, ObjectShape plain) = (json.Shapes[way], raw.Shapes[way]);
            if (!shape.IsAlive())
                continue;
            var members = new Members(
                terms, notation, shape,
                name => Value(notation, shape.Names[name], ToolSchemas.Property(root, shape.Names[name]), json.Demands, shape.Named(name), raw.Demands, plain.Named(Array.IndexOf(plain.Names, shape.Names[name]))),
                () => shape.Other(0) is { } other && notation.Texts != TextNotation.Marked && !notation.Shut.Contains("{key}", StringComparison.Ordinal) ? Json(notation, "", other) : null);
            if (members.IsWritable)
                choices.Add(terms.Sequence(CallFormat.Mark(terms, notation.Open), CallFormat.Space(terms), terms.Call(members.After(0)), CallFormat.Mark(terms, notation.Close)));
        }

        return choices.Count > 0 ? terms.Choice(choices) : throw new NotSupportedException(
            $"The arguments of the tool '{tool}' cannot be enforced in the way in which this line of models writes calls: a required one has a name or a value that it cannot write, or there are counts of members without names. Name all arguments in 'properties', by letters, digits, '_', '.' and '-'.");
    }

    private Term? Value(MemberNotation notation, string key, JsonElement? schema, ValueDemands demands, Demand demand, ValueDemands plainDemands, Demand plain)
    {
        bool takesText = ToolSchemas.Allows(schema, "string"), takesMore = ParameterValue.TakesMore(schema);
        Demand other = demands.Of([.. demand.Parts, (new Formula.Type(JsonTypes.String), true)]);
        switch (notation.Texts)
        {
            case TextNotation.Json:
                Term? plainly = notation.TextEnd is null ? null : Text(notation, key, plainDemands, plain, isToldApart: true);
                return plainly is null ? Json(notation, key, demand) : terms.Choice(Json(notation, key, demand), plainly);
            case TextNotation.BySchema when takesText && !takesMore:
                return Text(notation, key, plainDemands, plain, isToldApart: true);
            case TextNotation.BySchema when !takesText:
                return Json(notation, key, demand);
            default:
                Term? text = Text(notation, key, plainDemands, plain, isToldApart: notation.Texts == TextNotation.Marked);
                Term? json = demands.IsAlive(other) ? Json(notation, key, other) : null;
                return text is null ? json : json is null ? text : terms.Choice(text, json);
        }
    }

    private Term Json(MemberNotation notation, string key, Demand demand) => terms.Sequence(
    [
        CallFormat.Marks(terms, notation.KeyEnd), CallFormat.Space(terms), terms.Call(demand.Rule), CallFormat.Space(terms), Shut(notation, notation.Shut, key),
    ]);

    /// <summary>A text as it is, up to where it is shut; null where there is none.</summary>
    private Term? Text(MemberNotation notation, string key, ValueDemands demands, Demand demand, bool isToldApart)
    {
        Terms plain = demands.Spelling.Terms;
        string shut = (notation.TextShut ?? notation.Shut).Replace("{key}", key, StringComparison.Ordinal);
        Term language = demands.Strings(demand).AsTerm(demands.Spelling), any = plain.Everything, line = plain.Literal("\n");
        language = plain.Both(language, plain.Not(plain.Sequence(plain.Literal("<![CDATA["), any)));
        if (notation.Forbidden.Length > 0)
            language = plain.Both(language, plain.Not(plain.Sequence(any, plain.Literal(notation.Forbidden), any)));
        if (!isToldApart)
            language = plain.Both(language, NoValue(plain));
        Term whole = notation.IsWrapped
            ? plain.Choice(plain.Sequence(line, language, line), plain.Both(language, plain.Not(plain.Sequence(line, any))))
            : language;
        Term mark = CallFormat.Mark(plain, shut);
        Term upTo = plain.Both(plain.Sequence(whole, mark), plain.Not(plain.Sequence(any, plain.Literal(shut), plain.AnyByte, any)));
        var body = new Automaton(plain, upTo);
        if (ReferenceEquals(body.Start, State.Dead))
            return null;
        return terms.Sequence(CallFormat.Marks(terms, notation.TextEnd ?? notation.KeyEnd), terms.Call(new TermRule(key) { Body = body }));
    }

    /// <summary>Texts that nobody takes for a number, a word such as true, a list or an object.</summary>
    private static Term NoValue(Terms plain)
    {
        Term letter = plain.Bytes(ByteSet.Range('a', 'z') | ByteSet.Range('A', 'Z'));
        Term words = plain.Choice(((string[])["true", "false", "null", "True", "False", "None"]).Select(word => plain.Literal(word)));
        Term blank = plain.Repeat(plain.Bytes(ByteSet.Range('\t', '\r') | ByteSet.Range(' ', ' ')));
        Term named = plain.Sequence(letter, plain.Repeat(plain.Bytes(ByteSet.Range(' ', '~'))));   // beyond ASCII there are more blanks
        return plain.Both(named, plain.Not(plain.Sequence(words, blank)));
    }

    private Term Shut(MemberNotation notation, string shut, string key) =>
        notation.Shut.Length == 0 ? terms.Empty : CallFormat.Mark(terms, shut.Replace("{key}", key, StringComparison.Ordinal));

    /// <summary>The ways to be an object that a schema describes, its texts written in one way.</summary>
    private sealed class Ways
    {
        public Ways(JsonElement root, Spelling spelling)
        {
            var reader = new SchemaReader(root, spelling);
            Demands = new ValueDemands(reader);
            Demand = Demands.Of([(reader.Root, false), (new Formula.Type(JsonTypes.Object), false)]);
            if (!Demands.IsAlive(Demand))
                throw new ArgumentException("No value meets the schema: its demands contradict each other.", nameof(root));
            Shapes = [.. Demands.Objects(Demand).Select(way => new ObjectShape(Demands, way))];
        }

        public ValueDemands Demands { get; }

        public Demand Demand { get; }

        public ObjectShape[] Shapes { get; }
    }
}
