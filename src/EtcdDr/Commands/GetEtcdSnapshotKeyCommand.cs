using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Keys;

namespace EtcdDr.Commands;

/// <summary>
/// <para type="synopsis">Lists the keys in a snapshot, without any cluster.</para>
/// </summary>
[Cmdlet(VerbsCommon.Get, "EtcdSnapshotKey", DefaultParameterSetName = BySnapshot)]
[OutputType(typeof(EtcdSnapshotKey))]
public sealed class GetEtcdSnapshotKeyCommand : SnapshotInputCmdlet
{
    /// <summary>Kinds (or resources, such as <c>pods</c>); wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(KindNameCompleter))]
    public string[] Kind { get; set; } = [];

    /// <summary>Namespaces; wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Namespace { get; set; } = [];

    /// <summary>Names; wildcards.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary>What keys begin with.</summary>
    [Parameter]
    public string Prefix { get; set; } = "";

    /// <summary>Give values and the objects' metadata too.</summary>
    [Parameter]
    public SwitchParameter Value { get; set; }

    /// <summary>With <see cref="Value"/>: give those of Secrets too.</summary>
    [Parameter]
    public SwitchParameter IncludeSecretValue { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessSnapshotAsync(EtcdSnapshot snapshot, OperationContext context, CancellationToken cancellationToken)
    {
        var query = new SnapshotKeyQuery
        {
            Kind = Filter(Kind),
            Namespace = Filter(Namespace),
            Name = Filter(Name),
            Prefix = Prefix,
            Value = Value || IncludeSecretValue,
            SecretValue = IncludeSecretValue,
        };
        return new SnapshotKeyReader(Hosts, context).ReadAsync(snapshot, query, WriteObject, cancellationToken);
    }

    private static Func<string, bool>? Filter(string[] patterns)
    {
        if (patterns is not { Length: > 0 })
            return null;

        var all = Array.ConvertAll(patterns, p => WildcardPattern.Get(p, WildcardOptions.IgnoreCase | WildcardOptions.Compiled));
        return text => Array.Exists(all, p => p.IsMatch(text));
    }
}
