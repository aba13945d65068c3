using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Shows the restores of a cluster and where they stand, from the journals on its nodes.</summary>
[Cmdlet(VerbsCommon.Get, "EtcdRestore")]
[OutputType(typeof(EtcdRestore))]
public sealed class GetEtcdRestoreCommand : ClusterCmdlet
{
    /// <summary>Only this restore; wildcards are allowed.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RestoreIdCompleter))]
    public string[] Id { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var restores = await new RestoreHistory(context, new SshHostFactory()).ListAsync(Cluster, cancellationToken);
        var patterns = Id.Select(i => WildcardPattern.Get(i, WildcardOptions.IgnoreCase)).ToList();
        var fitting = restores.Where(r => patterns.Exists(p => p.IsMatch(r.Id)));
        WriteObject(fitting.Select(RestoreIdCompleter.Remember).ToArray(), enumerateCollection: true);
    }
}
