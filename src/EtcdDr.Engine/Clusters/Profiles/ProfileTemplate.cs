using System.Text.Json.Nodes;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>The text of a profile for one cluster, with comments that say what else may stand in it.</summary>
public static class ProfileTemplate
{
    /// <summary>The text.</summary>
    /// <param name="cluster">The cluster's name in the profile.</param>
    /// <param name="kubeconfig">Its kubeconfig, absolute.</param>
    /// <param name="context">Its context; null for the kubeconfig's current one.</param>
    /// <param name="sshUser">The user to log in to the nodes as, who has sudo there.</param>
    /// <param name="keyFile">The private key, absolute; null for those of <c>~/.ssh</c> and the agent.</param>
    public static string Write(string cluster, string kubeconfig, string? context, string sshUser, string? keyFile)
    {
        var key = keyFile is null
            ? "    # keyFile: ~/.ssh/id_ed25519          # left out: the keys of ~/.ssh/config, of ~/.ssh and of a running ssh-agent"
            : $"    {Line("keyFile", keyFile)}";
        var contextLine = context is null
            ? "    # context: kubernetes-admin@kubernetes   # left out: the kubeconfig's current context"
            : $"    {Line("context", context)}";
        return $"""
            # Profile of EtcdDr; Get-Help about_EtcdDr_Profiles explains every key, Test-EtcdProfile checks them.
            # Relative paths start at this directory. No secrets here: name environment variables or secrets of a vault.
            defaults:
              ssh:
                {Line("user", sshUser)}          # needs sudo on the nodes
            {key}
                # keyPassphraseEnv: DR_KEY_PASS        # the name of an environment variable
                # keyPassphraseSecret: vault/name      # or a secret of Microsoft.PowerShell.SecretManagement
                # sudoPasswordEnv: DR_SUDO_PASS        # where sudo asks for a password
                # knownHosts: known_hosts_dr           # left out: ~/.ssh/known_hosts
                # jumpHosts: [opc@bastion.example.com] # in the order in which they are passed

            clusters:
              {Line(cluster)}
                {Line("kubeconfig", kubeconfig)}
            {contextLine}
                # serverAddress: 10.0.0.9:6443         # where the API really is, if both sites share its name
                # Nodes are asked of the API. To restore a cluster whose API is dead, name them here, all with their roles:
                # nodes:
                #   - name: cp1
                #     role: control-plane
                #     address: 10.0.0.11
                # encryptTo: [backup.pem]              # certificates that snapshots are sealed to

            # Hosts that snapshots are copied to, if they are reached otherwise than ~/.ssh/config says:
            # hosts:
            #   dr-bastion:
            #     address: 10.0.0.1
            #     user: opc

            """.ReplaceLineEndings("\n");
    }

    private static string Line(string key, string value) => YamlWriter.Block(key, JsonValue.Create(value)).Single();

    private static string Line(string key) => YamlWriter.Block(key, new JsonObject { ["x"] = 1 }).First();
}
