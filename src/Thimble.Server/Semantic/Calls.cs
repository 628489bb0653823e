using System.Runtime.CompilerServices;
using System.Text.Json;
using Thimble.Library;
using Thimble.Scheduling;
using Thimble.Server.Chat;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.Semantic;

/// <summary><c>POST /v1/semantic-calls</c>: a call, or variables and calls together. They run once something they lead to is asked for.</summary>
internal static class Calls
{
    private const int Most = 1024;

    [ModuleInitializer]
    internal static void Register() => Routes.AddPost("/v1/semantic-calls", OpenAiDialect.Dialect, AnswerAsync);

    private static Task AnswerAsync(Exchange exchange)
    {
        Field body = exchange.Body;
        (SemanticSession session, ModelLease lease, Parrot parrot) = Sessions.Find(exchange, body.First("session", "session_id").NeededText(), "session");
        if (!body["calls"].IsGiven && !body["variables"].IsGiven)
        {
            SemanticCall only = Submit(exchange, body, session, lease, parrot);
            return exchange.WriteAsync(json => Write(json, only));
        }

        List<(string? Label, SemanticVariable Variable)> variables = [.. body["variables"].Items(Most * 16).Select(field => Declare(field, session))];
        SemanticCall[] calls = [.. body["calls"].Items(Most).Select(field => Submit(exchange, field, session, lease, parrot))];
        return exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("variables");
            foreach ((string? label, SemanticVariable variable) in variables)
                Variables.Write(json, variable, value: false, label);
            json.WriteEndArray();
            json.WriteStartArray("data");
            foreach (SemanticCall call in calls)
                Write(json, call);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static (string? Label, SemanticVariable Variable) Declare(Field field, SemanticSession session)
    {
        string? label = field["label"].Text(), id = field.First("variable", "var_id").Text();
        string name = field["name"].Text() ?? label ?? id ?? throw field["name"].Missing("a name");
        var parameter = new SemanticParameter(name, id, field["value"].Text()) { Label = label };
        return (label, Checked(field, () => parameter.Bind(session) ?? session.Variable(name)));
    }

    private static SemanticCall Submit(Exchange exchange, Field field, SemanticSession session, ModelLease lease, Parrot parrot)
    {
        if (Model(field) is { } model && !model.Equals(lease.Name, StringComparison.OrdinalIgnoreCase))
            throw Rejection.Of(field["model"].Path, $"'{field["model"].Path}' is '{model}'; the session's calls run on '{lease.Name}'. Open another session for another model.");
        SemanticParameter[] parameters = [.. field["parameters"].Items(Most).Select(parameter => Parameter(exchange, parameter, lease))];
        var request = new SemanticCallRequest(session.Id, field["template"].NeededText(), parameters) { Generation = Options(exchange, Sampling(field), lease) };
        return Checked(field, () => request.Submit(parrot, exchange.Tenant.Name)) ?? throw new Rejection(410, Rejection.Missing, "The session was closed meanwhile.") { Code = "session_closed" };
    }

    private static SemanticParameter Parameter(Exchange exchange, Field field, ModelLease lease)
    {
        string name = field["name"].NeededText();
        Field id = field.First("variable", "var_id"), label = field["label"], value = field["value"], sampling = Sampling(field);
        if (id.IsGiven && label.IsGiven)
            throw Rejection.Of(label.Path, $"'{label.Path}' and '{id.Path}' both name the variable; give one.");
        field["is_output"].Flag();
        return new(name, id.Text(), value.Text(), sampling.IsGiven ? Options(exchange, sampling, lease) : null, field["transform"].Text()) { Label = label.Text() };
    }

    private static Field Sampling(Field field) => field.First("sampling", "sampling_config");

    private static string? Model(Field field) => field["model"].Text() ?? (field["models"].Texts(1) is [{ } only] ? only : null);

    /// <summary>How an output is written: within the server's limits, and in a format that can be kept.</summary>
    private static GenerationOptions Options(Exchange exchange, Field sampling, ModelLease lease)
    {
        const int usual = 128;
        GenerationOptions options = ChatReading.Options(sampling, exchange);
        if (!sampling.First("max_tokens", "max_completion_tokens", "n_predict").IsGiven)
            options = options with { MaxTokens = ChatReading.Least(usual, options.MaxTokens) };
        options = options with
        {
            ParseSpecial = sampling["parse_special"].Flag() ?? false,
            Adapters = exchange.Serving.Adapters.For(lease, sampling),
            Deadline = options.Deadline ?? exchange.Serving.Options.RequestTimeout,
        };
        try
        {
            if (options.Format is { } format)
                lease.Model.Grammars.Of(format);
        }
        catch (Exception fault) when (FormatFields.Refused(options, fault) is { } refused)
        {
            throw refused;
        }

        return options;
    }

    /// <summary>What the service refuses, with the place of it.</summary>
    private static T Checked<T>(Field field, Func<T> submit)
    {
        string at = field.Path.Length == 0 ? "" : $"'{field.Path}': ";
        try
        {
            return submit();
        }
        catch (CapacityException full)
        {
            throw Sessions.Full(full);
        }
        catch (InvalidOperationException settled) when (settled is not ObjectDisposedException)
        {
            throw new Rejection(409, Rejection.Invalid, at + Rejection.Line(settled)) { Field = field.Path, Code = "variable_settled" };
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            throw new Rejection(400, Rejection.Invalid, at + Rejection.Line(fault)) { Field = field.Path.Length == 0 ? "template" : field.Path, Code = "semantic_call_invalid" };
        }
    }

    private static void Write(Utf8JsonWriter json, SemanticCall call)
    {
        json.WriteStartObject();
        json.WriteString("id", $"{call.Session.Id}/{call.Number}");
        json.WriteString("object", "semantic_call");
        json.WriteString("session", call.Session.Id);
        json.WriteStartArray("parameters");
        foreach ((string name, SemanticVariable variable) in call.Variables)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteBoolean("is_output", call.Function.Outputs.Contains(name));
            json.WriteString("variable", variable.Id);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
