using System.Reflection;
using Xunit;
using Xunit.Sdk;

namespace Thimble.Arm;

/// <summary>How many tests ended how.</summary>
internal readonly record struct Outcome(int Passed, int Failed, int Left)
{
    public int Total => Passed + Failed + Left;

    public static Outcome operator +(Outcome a, Outcome b) => new(a.Passed + b.Passed, a.Failed + b.Failed, a.Left + b.Left);

    public override string ToString() => $"{Passed,5} passed {Failed,3} failed {Left,3} left out";
}

/// <summary>Runs the tests of a class one after the other: xunit's own programs start processes that an emulator does not carry.</summary>
internal static class TestClass
{
    public static async Task<Outcome> Run(Type type, bool slow)
    {
        Outcome all = default;
        foreach (MethodInfo method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static))
        {
            if (method.GetCustomAttribute<FactAttribute>() is not { } fact)
                continue;
            if (fact.Skip is not null || (!slow && IsSlow(method)))
            {
                all += new Outcome(0, 0, 1);
                continue;
            }

            IEnumerable<object?[]> rows = fact is TheoryAttribute ? Rows(method) : [[]];
            foreach (object?[] arguments in rows)
                all += await Run(type, method, arguments);
        }

        return all;
    }

    private static IEnumerable<object?[]> Rows(MethodInfo method) =>
        method.GetCustomAttributes<DataAttribute>().SelectMany(data => data.GetData(method) ?? []);

    private static bool IsSlow(MethodInfo method) => method.GetCustomAttributesData().Any(data =>
        data.AttributeType == typeof(TraitAttribute) && (string?)data.ConstructorArguments[0].Value == "Speed");

    private static async Task<Outcome> Run(Type type, MethodInfo method, object?[] arguments)
    {
        try
        {
            object? test = method.IsStatic ? null : Activator.CreateInstance(type);
            using var disposable = test as IDisposable;
            switch (method.Invoke(test, BindingFlags.OptionalParamBinding, null, Filled(method, arguments), null))
            {
                case Task task:
                    await task;
                    break;
                case ValueTask task:
                    await task;
                    break;
            }

            return new(1, 0, 0);
        }
        catch (Exception e)
        {
            Exception fault = e is TargetInvocationException { InnerException: { } inner } ? inner : e;
            Console.WriteLine($"FAILED {type.FullName}.{method.Name}({string.Join(", ", arguments)})\n{fault}");
            return new(0, 1, 0);
        }
    }

    /// <summary>The arguments, those left out as <see cref="Type.Missing"/>.</summary>
    private static object?[] Filled(MethodInfo method, object?[] arguments) =>
        [.. arguments, .. Enumerable.Repeat(Type.Missing, method.GetParameters().Length - arguments.Length)];
}
