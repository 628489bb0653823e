using System.Reflection;

namespace Thimble.Tests.Shape;

/// <summary>Types as C# writes them below a using, with the question mark of what may be null.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> s_keywords = new (Type Type, string Word)[]
    {
        (typeof(void), "void"), (typeof(bool), "bool"), (typeof(char), "char"), (typeof(string), "string"), (typeof(object), "object"),
        (typeof(byte), "byte"), (typeof(sbyte), "sbyte"), (typeof(short), "short"), (typeof(ushort), "ushort"), (typeof(int), "int"),
        (typeof(uint), "uint"), (typeof(long), "long"), (typeof(ulong), "ulong"), (typeof(float), "float"), (typeof(double), "double"),
        (typeof(decimal), "decimal"),
    }.ToDictionary(pair => pair.Type, pair => pair.Word);

    private static readonly NullabilityInfoContext s_nullability = new();

    /// <summary>A type by itself.</summary>
    public static string Of(Type type)
    {
        if (type.IsByRef || type.IsPointer)
            return Of(type.GetElementType()!);
        if (type.IsArray)
            return Of(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Of(value) + "?";
        return s_keywords.TryGetValue(type, out string? keyword) ? keyword : Named(type, [.. type.GetGenericArguments().Select(Of)]);
    }

    /// <summary>The type of a property.</summary>
    public static string Of(PropertyInfo property) => Of(Read(property, s_nullability.Create));

    /// <summary>The type of a field.</summary>
    public static string Of(FieldInfo field) => Of(Read(field, s_nullability.Create));

    /// <summary>The type of a parameter or of what a method returns.</summary>
    public static string Of(ParameterInfo parameter)
    {
        string way = !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        return way + Of(Read(parameter, s_nullability.Create));
    }

    private static string Of(NullabilityInfo known)
    {
        Type type = known.Type.IsByRef ? known.Type.GetElementType()! : known.Type;
        string mark = known.ReadState == NullabilityState.Nullable && !type.IsValueType ? "?" : "";
        if (known.ElementType is { } element && type.IsArray)
            return Of(element) + "[]" + mark;
        return type.IsGenericType && Nullable.GetUnderlyingType(type) is null && known.GenericTypeArguments.Length == type.GetGenericArguments().Length
            ? Named(type, [.. known.GenericTypeArguments.Select(Of)]) + mark
            : Of(type) + mark;
    }

    private static string Named(Type type, string[] arguments)
    {
        string name = Nested(type);
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        string plain = tick < 0 ? name : name[..tick];
        return arguments.Length == 0 ? plain : $"{plain}<{string.Join(", ", arguments)}>";
    }

    private static string Nested(Type type) => type.DeclaringType is { } outer && !type.IsGenericParameter ? $"{Nested(outer)}.{type.Name}" : type.Name;

    // The context fills a cache while it reads, and tests run side by side.
    private static NullabilityInfo Read<T>(T member, Func<T, NullabilityInfo> read)
    {
        lock (s_nullability)
            return read(member);
    }
}
