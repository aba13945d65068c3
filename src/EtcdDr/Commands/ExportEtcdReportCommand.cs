using System.Management.Automation;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Reports;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Writes what the other cmdlets emitted as a page for people, as JUnit for a CI system, or as metrics for a monitoring.</summary>
[Cmdlet(VerbsData.Export, "EtcdReport", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(FileInfo))]
public sealed class ExportEtcdReportCommand : EtcdDrCmdlet
{
    private readonly ReportContent _content = new();

    /// <summary>The file to write; wildcards must fit one that is there.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The same as it stands: no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>What to tell of: objects of this module's cmdlets, or paths of restore reports and snapshots. What a script did not get,
    /// null, is passed over.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyCollection]
    public PSObject?[]? InputObject { get; set; }

    /// <summary>How it is written; the file's ending says so where nothing else does: .html, .xml (JUnit), .prom (OpenMetrics).</summary>
    [Parameter]
    public EtcdReportFormat? Format { get; set; }

    /// <summary>Heading of the page, or name of the test run.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Title { get; set; } = "Disaster recovery of etcd";

    /// <summary>Replace a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Emit the file.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var reader = new ReportReader(context, new SshHostFactory());
        foreach (var item in (InputObject ?? []).OfType<PSObject>())
        {
            await TryAsync(() => AddAsync(item.BaseObject, reader, cancellationToken));
        }
    }

    private Task AddAsync(object item, ReportReader reader, CancellationToken cancellationToken)
    {
        if (PathOf(item) is { } path)
        {
            return reader.ReadAsync(Places.Reach(path).Location, _content, cancellationToken);
        }

        _content.Add(item);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var path = ResolveOne(Path, LiteralPath);
        var format = Format ?? ReportFile.FormatOf(path) ?? throw ReportErrors.FormatUnknown(path);
        if (!Force && File.Exists(path))
            throw ReportErrors.Exists(path);

        if (!await ShouldProcessAsync(path, $"Write a report ({format})"))
            return;

        if (_content.IsEmpty)
            WriteWarning($"Nothing was given to tell of; '{path}' says only that.");

        await ReportFile.WriteAsync(
            path,
            ReportFile.Format(_content, format, Title, context.Time.GetUtcNow().UtcDateTime),
            format,
            Force,
            cancellationToken
        );
        if (PassThru)
            WriteObject(new FileInfo(path));
    }

    private static string? PathOf(object item) =>
        item switch
        {
            string text => text,
            FileSystemInfo file => file.FullName,
            _ => null,
        };
}
