using System.Text;
using EtcdDr.Engine.Reports.Html;
using EtcdDr.Engine.Reports.JUnit;
using EtcdDr.Engine.Reports.OpenMetrics;

namespace EtcdDr.Engine.Reports;

/// <summary>Writes a report to a file, whole or not at all.</summary>
public static class ReportFile
{
    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>The format that a file's name asks for; null where it asks for none.</summary>
    public static EtcdReportFormat? FormatOf(string path) =>
        Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".HTML" or ".HTM" => EtcdReportFormat.Html,
            ".XML" => EtcdReportFormat.JUnit,
            ".PROM" => EtcdReportFormat.OpenMetrics,
            _ => null,
        };

    /// <summary>The report as text.</summary>
    /// <param name="content">What it tells of.</param>
    /// <param name="format">How.</param>
    /// <param name="title">The page's heading, or the name of the whole test run; metrics have none.</param>
    /// <param name="now">When it is written, UTC.</param>
    public static string Format(ReportContent content, EtcdReportFormat format, string title, DateTime now)
    {
        ArgumentNullException.ThrowIfNull(content);
        return format switch
        {
            EtcdReportFormat.Html => HtmlReport.Write(content, title, now),
            EtcdReportFormat.JUnit => JUnitReport.Write(content, title, now),
            _ => OpenMetricsReport.Write(content),
        };
    }

    /// <summary>
    /// Writes text to a name that nobody looks for, and gives it the file's name when it is whole: a collector that reads the directory
    /// meanwhile sees the old file or the new one. Missing directories are made.
    /// </summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="text">The report.</param>
    /// <param name="format">Metrics are made readable by all, as the collector is another user; others get the mode that the umask
    /// gives.</param>
    /// <param name="replace">Whether a file that is there is replaced.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>ReportExists</c>, <c>ReportNotWritten</c>.</exception>
    public static async Task WriteAsync(
        string path,
        string text,
        EtcdReportFormat format,
        bool replace,
        CancellationToken cancellationToken
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!replace && File.Exists(path))
        {
            throw ReportErrors.Exists(path);
        }

        var directory = Path.GetDirectoryName(path)!;
        var beside = Path.Combine(directory, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(directory);
            await File.WriteAllTextAsync(beside, text, Utf8, cancellationToken);
            if (format == EtcdReportFormat.OpenMetrics && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(
                    beside,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead
                );
            }

            File.Move(beside, path, overwrite: replace);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw !replace && File.Exists(path) ? ReportErrors.Exists(path) : ReportErrors.NotWritten(path, e);
        }
        finally
        {
            // Gone already where all went well.
            DeleteQuietly(beside);
        }
    }

    // What cannot be deleted could not be written either, and that has been told.
    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }
}
