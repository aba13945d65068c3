using System.Collections;
using System.Management.Automation;
using System.Security;
using EtcdDr.Completion;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Commands;

/// <summary>Makes cluster objects from a profile, or from parameters. Nothing is asked of the network.</summary>
[Cmdlet(VerbsCommon.Get, "EtcdCluster", DefaultParameterSetName = ProfileSet)]
[OutputType(typeof(EtcdCluster))]
public sealed class GetEtcdClusterCommand : EtcdDrCmdlet
{
    private const string ProfileSet = "Profile";
    private const string ParametersSet = "Parameters";

    /// <summary>Names of clusters in the profile, with wildcards; all where none is given. With <c>-Kubeconfig</c>: what to call the
    /// cluster.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ClusterNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>The profile.</summary>
    [Parameter(ParameterSetName = ProfileSet)]
    [ValidateNotNullOrEmpty]
    public string? ProfilePath { get; set; }

    /// <summary>The kubeconfig.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParametersSet)]
    [ValidateNotNullOrEmpty]
    public string Kubeconfig { get; set; } = "";

    /// <summary>The context in the kubeconfig; the current one where none is given.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ArgumentCompleter(typeof(KubeContextCompleter))]
    public string Context { get; set; } = "";

    /// <summary>Host or IP, with an optional port, to connect to in place of the kubeconfig's server.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public string? ServerAddress { get; set; }

    /// <summary>User for SSH.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public string? SshUser { get; set; }

    /// <summary>Port for SSH.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [ValidateRange(1, 65535)]
    public int? SshPort { get; set; }

    /// <summary>Private key for SSH.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [Alias("IdentityFile")]
    public string? KeyFile { get; set; }

    /// <summary>known_hosts file.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public string? KnownHostsFile { get; set; }

    /// <summary>OpenSSH client configuration to read; an empty string for none.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    [AllowEmptyString]
    public string? SshConfigFile { get; set; }

    /// <summary>Jump hosts in order, each <c>[user@]host[:port]</c>.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public string[] JumpHost { get; set; } = [];

    /// <summary>Addresses of nodes by name, for nodes that this machine reaches elsewhere than at their InternalIP.</summary>
    [Parameter(ParameterSetName = ParametersSet)]
    public Hashtable? NodeAddress { get; set; }

    /// <summary>Passphrase of the SSH key.</summary>
    [Parameter]
    public SecureString? KeyPassphrase { get; set; }

    /// <summary>User and password for SSH.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Password that sudo asks for; the user name in it is not used.</summary>
    [Parameter]
    [Credential]
    public PSCredential? SudoCredential { get; set; }

    /// <inheritdoc/>
    internal override string? NamedProfile => ProfilePath is null ? null : Resolve(ProfilePath);

    /// <inheritdoc/>
    protected override Task BeginAsync(OperationContext context, CancellationToken cancellationToken)
    {
        // A profile that cannot be read concerns all clusters that are asked for.
        if (Kubeconfig.Length == 0)
        {
            _ = LoadProfile();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (ParameterSetName == ParametersSet)
        {
            WriteObject(FromParameters());
            return Task.CompletedTask;
        }

        var profile = LoadProfile();
        foreach (var name in Names(profile))
        {
            cancellationToken.ThrowIfCancellationRequested();
            WriteCluster(profile, name);
        }

        return Task.CompletedTask;
    }

    private void WriteCluster(EtcdProfile profile, string name)
    {
        try
        {
            WriteObject(EtcdClusterResolver.FromProfile(profile, name, Secrets(), Secret));
        }
        catch (EtcdDrException error)
        {
            // One cluster of a profile can be broken while the other is in need.
            WriteError(error);
        }
    }

    private IEnumerable<string> Names(EtcdProfile profile) =>
        Name is null
            ? profile.Clusters
            : Name.SelectMany(name => WildcardPattern.ContainsWildcardCharacters(name) ? Matching(profile, name) : [name])
                .Distinct(StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<string> Matching(EtcdProfile profile, string pattern)
    {
        var wildcard = WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase);
        return profile.Clusters.Where(wildcard.IsMatch);
    }

    private ClusterSecrets Secrets() =>
        new()
        {
            KeyPassphrase = KeyPassphrase,
            User = Credential?.UserName,
            Password = Credential?.Password,
            SudoPassword = SudoCredential?.Password,
        };

    private EtcdCluster FromParameters()
    {
        if (Name is { Length: > 1 })
        {
            throw new EtcdDrException(
                "ClusterNameAmbiguous",
                EtcdDrErrorCategory.InvalidArgument,
                Errors.ClusterNameAmbiguous.With(Name.Length),
                Errors.ClusterNameAmbiguous_Action
            );
        }

        return EtcdClusterResolver.FromParameters(
            new EtcdCluster
            {
                Name = Name is [var name] ? name : "",
                Kubeconfig = ResolvePath(Kubeconfig),
                Context = Context,
                Server = new Uri("https://localhost"),
                ServerAddress = ServerAddress,
                NodeAddresses = NodeAddresses(),
                Ssh = new SshSettings
                {
                    User = Credential?.UserName ?? SshUser,
                    Port = SshPort,
                    KeyFile = Resolved(KeyFile),
                    KnownHostsFile = Resolved(KnownHostsFile),
                    ConfigFile = Resolved(SshConfigFile),
                    JumpHosts = JumpHost,
                    KeyPassphrase = KeyPassphrase,
                    Password = Credential?.Password,
                    SudoPassword = SudoCredential?.Password,
                },
            }
        );
    }

    private string? Resolved(string? path) => string.IsNullOrEmpty(path) ? path : ResolvePath(path);

    private Dictionary<string, string> NodeAddresses() =>
        (NodeAddress ?? [])
            .Cast<DictionaryEntry>()
            .ToDictionary(e => e.Key.ToString()!, e => e.Value?.ToString() ?? "", StringComparer.Ordinal);
}
