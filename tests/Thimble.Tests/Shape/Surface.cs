using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Thimble.Tests.Shape;

/// <summary>What a user can name of an assembly, one line a member, as text that can be compared.</summary>
internal static class Surface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>All public types of an assembly, by name.</summary>
    public static string Of(Assembly assembly) =>
        string.Concat(assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal).Select(Of));

    /// <summary>A type, and below it its members by name.</summary>
    public static string Of(Type type)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{type.Namespace}.{TypeNames.Of(type)}: {Kind(type)}{Parents(type)}\n");
        foreach ((_, string line) in Members(type).Order())
            text.Append(CultureInfo.InvariantCulture, $"    {line}\n");
        return text.ToString();
    }

    /// <summary>The lines of a surface, each with its type before it so that it can be compared alone.</summary>
    public static IEnumerable<string> Lines(string surface)
    {
        string type = "";
        foreach (string line in surface.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!line.StartsWith(' '))
                type = line[..line.IndexOf(':', StringComparison.Ordinal)];
            yield return line.StartsWith(' ') ? $"{type}: {line.Trim()}" : line;
        }
    }

    private static IEnumerable<(string Name, string Line)> Members(Type type)
    {
        foreach (ConstructorInfo made in type.GetConstructors(Declared).Where(made => IsSeen(made) && !(type.IsValueType && made.GetParameters().Length == 0)))
            yield return ("", $"new({Parameters(made)})");
        foreach (PropertyInfo property in type.GetProperties(Declared).Where(property => property.GetAccessors(true).Any(IsSeen)))
        {
            string modifiers = Modifiers(property.GetAccessors(true).First(IsSeen));
            yield return (property.Name, $"{modifiers}{TypeNames.Of(property)} {Called(property)} {{ {Accessors(property)}}}");
        }

        foreach (FieldInfo field in type.GetFields(Declared).Where(field => (field.IsPublic || field.IsFamily) && !field.IsSpecialName))
            yield return (type.IsEnum ? "" : field.Name, Field(field));
        foreach (EventInfo change in type.GetEvents(Declared).Where(change => IsSeen(change.AddMethod!)))
            yield return (change.Name, $"event {TypeNames.Of(change.EventHandlerType!)} {change.Name}");
        foreach (MethodInfo method in type.GetMethods(Declared).Where(method => IsSeen(method) && !method.IsSpecialName && !IsWrittenByCompiler(method)))
            yield return (method.Name, $"{Modifiers(method)}{TypeNames.Of(method.ReturnParameter)} {Called(method)}({Parameters(method)})");
    }

    private static string Field(FieldInfo field) => field.DeclaringType!.IsEnum
        ? string.Create(CultureInfo.InvariantCulture, $"{Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture),3} {field.Name}")
        : $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{TypeNames.Of(field)} {field.Name}";

    /// <summary>Whether a user can name it: public, or protected in a class that can be derived from.</summary>
    private static bool IsSeen(MethodBase member) =>
        member.IsPublic || ((member.IsFamily || member.IsFamilyOrAssembly) && !member.DeclaringType!.IsSealed);

    /// <summary>Equality, printing and copying, which the compiler writes into every record alike.</summary>
    private static bool IsWrittenByCompiler(MethodInfo method) =>
        method.IsDefined(typeof(CompilerGeneratedAttribute), false) || method.Name.Contains('<', StringComparison.Ordinal);

    private static string Accessors(PropertyInfo property)
    {
        string getter = property.GetMethod is { } get && IsSeen(get) ? "get; " : "";
        if (property.SetMethod is not { } set || !IsSeen(set))
            return getter;
        bool once = set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
        return getter + (set.IsPublic ? "" : "protected ") + (once ? "init; " : "set; ");
    }

    private static string Called(PropertyInfo property) =>
        property.GetIndexParameters() is { Length: > 0 } keys ? $"this[{string.Join(", ", keys.Select(Parameter))}]" : property.Name;

    private static string Called(MethodInfo method) =>
        method.IsGenericMethod ? $"{method.Name}<{string.Join(", ", method.GetGenericArguments().Select(TypeNames.Of))}>" : method.Name;

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        string value = !parameter.HasDefaultValue ? "" : parameter.DefaultValue switch
        {
            null => parameter.ParameterType.IsValueType ? " = default" : " = null",
            bool flag => flag ? " = true" : " = false",
            string text => $" = \"{text}\"",
            object other => string.Create(CultureInfo.InvariantCulture, $" = {other}"),
        };
        return $"{TypeNames.Of(parameter)} {parameter.Name}{value}";
    }

    private static string Kind(Type type) =>
        type.IsInterface ? "interface"
        : type.IsEnum ? "enum"
        : type.IsValueType ? (IsRecord(type) ? "record struct" : "struct")
        : typeof(Delegate).IsAssignableFrom(type) ? "delegate"
        : type is { IsAbstract: true, IsSealed: true } ? "static class"
        : (type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + (IsRecord(type) ? "record" : "class");

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", Declared) is not null;

    private static string Modifiers(MethodInfo method) =>
        method.IsStatic ? "static "
        : (method.IsPublic ? "" : "protected ") + (method.IsAbstract ? "abstract "
        : method is { IsVirtual: true, IsFinal: false } && !method.DeclaringType!.IsSealed ? "virtual " : "");

    private static string Parents(Type type)
    {
        if (type.IsEnum)
            return "";
        IEnumerable<Type> own = type.GetInterfaces().Where(parent => parent.IsVisible).Except(type.BaseType?.GetInterfaces() ?? []);
        if (IsRecord(type))
            own = own.Where(parent => parent != typeof(IEquatable<>).MakeGenericType(type));
        IEnumerable<Type> parents = type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? own.Prepend(parent) : own;
        string[] names = [.. parents.Select(TypeNames.Of).Order(StringComparer.Ordinal)];
        return names.Length == 0 ? "" : " : " + string.Join(", ", names);
    }
}
