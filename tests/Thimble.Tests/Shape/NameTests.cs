using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Thimble.Tests.Shape;

public partial class NameTests
{
    /// <summary>Words that a type's name gains nothing by.</summary>
    private static readonly string[] s_banned =
    [
        "Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Base", "Impl", "Service", "Services", "Factory",
        "Provider", "Handler", "Info", "Data", "Common", "Core", "Misc",
    ];

    [Fact]
    public void Types_are_nouns_of_the_trade()
    {
        foreach (Type type in Written())
        {
            string? banned = Words().Matches(type.Name).Select(match => match.Value).FirstOrDefault(word => s_banned.Contains(word));
            Assert.True(banned is null, $"{type.FullName}: '{banned}' is no noun of the trade.");
        }
    }

    [Fact]
    public void Only_interfaces_begin_like_interfaces()
    {
        foreach (Type type in Written())
            Assert.True(!type.IsInterface || InterfaceName().IsMatch(type.Name), $"{type.FullName} is an interface.");
    }

    [Fact]
    public void Namespaces_are_the_project_and_one_folder()
    {
        foreach (Type type in Rungs.Assemblies.SelectMany(assembly => assembly.GetExportedTypes()))
        {
            string project = type.Assembly.GetName().Name!, space = type.Namespace!;
            string[] deeper = space.Length > project.Length ? space[(project.Length + 1)..].Split('.') : [];
            // An exception is caught by those who never name the folder it is thrown in.
            Assert.True(project.StartsWith(space, StringComparison.Ordinal) || deeper.Length == 1, $"{type.FullName} lies too deep for its users.");
        }
    }

    /// <summary>The types that people wrote, in the projects and in their tests.</summary>
    private static IEnumerable<Type> Written() => Rungs.Assemblies.Append(typeof(NameTests).Assembly)
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.Namespace?.StartsWith("Thimble", StringComparison.Ordinal) == true && !IsGenerated(type));

    private static bool IsGenerated(Type type) =>
        type.Name.Contains('<') || type.IsDefined(typeof(CompilerGeneratedAttribute), false)
        || type.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute), false)
        || (type.DeclaringType is { } outer && IsGenerated(outer));

    [GeneratedRegex("[A-Z][a-z]+|[A-Z]+(?![a-z])|[0-9]+")]
    private static partial Regex Words();

    [GeneratedRegex("^I[A-Z]")]
    private static partial Regex InterfaceName();
}
