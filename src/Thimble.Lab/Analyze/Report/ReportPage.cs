using System.Net;
using System.Text.Json;

namespace Thimble.Lab.Analyze;

/// <summary>An analysis as a page that needs nothing from elsewhere: charts by uPlot, which lies inside.</summary>
internal static class ReportPage
{
    /// <summary>The page.</summary>
    public static string Of(Analysis analysis)
    {
        // The serialiser writes < as \u003C, so that nothing in the numbers can end the script.
        string numbers = JsonSerializer.Serialize(analysis, AnalysisJson.Default.Analysis);
        return Resource("page.html")
            .Replace("{{title}}", WebUtility.HtmlEncode($"{analysis.Model} on {analysis.Target}"), StringComparison.Ordinal)
            .Replace("{{uplot.css}}", Resource("uPlot.min.css"), StringComparison.Ordinal)
            .Replace("{{uplot.js}}", Resource("uPlot.iife.min.js"), StringComparison.Ordinal)
            .Replace("{{licence}}", Resource("LICENSE").ReplaceLineEndings("\n"), StringComparison.Ordinal)
            .Replace("{{numbers}}", numbers, StringComparison.Ordinal);
    }

    private static string Resource(string name)
    {
        string full = "Thimble.Lab.Analyze.Report." + name;
        using Stream stream = typeof(ReportPage).Assembly.GetManifestResourceStream(full)
            ?? throw new FileNotFoundException($"This build of Thimble.Lab was made without '{full}'.", full);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
