using System.Reflection;

namespace Thimble.Tests.Shape;

public class TestPlaceTests
{
    [Fact]
    public void Every_test_lies_in_the_folder_of_a_project()
    {
        string[] folders = [.. Rungs.Projects.Select(Folder), "Shape"];
        foreach (SourceFile file in SourceFile.In("tests/Thimble.Tests").Where(file => file.Path.Count(c => c == '/') > 2))
            Assert.True(folders.Contains(file.Path.Split('/')[2]), $"{file.Path} lies in no project's folder: {string.Join(", ", folders)}.");
    }

    [Fact]
    public void A_test_of_a_type_lies_with_the_tests_of_its_project()
    {
        ILookup<string, string> projects = Rungs.Assemblies.SelectMany(assembly => assembly.GetTypes())
            .ToLookup(type => type.Name.Split('`')[0], type => Folder(type.Assembly.GetName().Name!));
        foreach (SourceFile file in SourceFile.In("tests/Thimble.Tests").Where(file => file.Path.EndsWith("Tests.cs", StringComparison.Ordinal)))
        {
            string subject = Path.GetFileNameWithoutExtension(file.Path)[..^"Tests".Length], folder = file.Path.Split('/')[2];
            if (folder != "Shape" && projects.Contains(subject))
                Assert.True(projects[subject].Contains(folder), $"{file.Path} tests a type of {string.Join(" or ", projects[subject].Distinct())}.");
        }
    }

    [Fact]
    public void A_test_class_is_named_as_its_file()
    {
        string[] files = [.. SourceFile.In("tests/Thimble.Tests").Select(file => Path.GetFileNameWithoutExtension(file.Path))];
        foreach (Type type in typeof(TestPlaceTests).Assembly.GetTypes().Where(type => type.GetMethods().Any(IsTest)))
            Assert.True(files.Contains(type.Name) && type.Name.EndsWith("Tests", StringComparison.Ordinal), $"{type.FullName} has no file of its own.");
    }

    [Fact]
    public void A_test_is_named_by_a_sentence()
    {
        foreach (MethodInfo test in typeof(TestPlaceTests).Assembly.GetTypes().SelectMany(type => type.GetMethods()).Where(IsTest))
            Assert.True(test.Name.Contains('_', StringComparison.Ordinal), $"{test.DeclaringType!.Name}.{test.Name} is no sentence.");
    }

    private static bool IsTest(MethodInfo method) => method.GetCustomAttributes<FactAttribute>().Any();

    /// <summary>The tests' folder of a project: its name without the product's. A namespace Thimble.Tests.Thimble would hide the product's own.</summary>
    private static string Folder(string project) => project == "Thimble" ? "Library" : project["Thimble.".Length..];
}
