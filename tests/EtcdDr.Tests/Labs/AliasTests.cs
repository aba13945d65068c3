using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using EtcdDr.Lab;
using EtcdDr.Lab.Drill;
using EtcdDr.Lab.Nodes;
using EtcdDr.Lab.Tools;
using EtcdDr.Tests.Module;

namespace EtcdDr.Tests.Labs;

/// <summary>Add-EtcdApiAlias on the lab's primary: the certificates as openssl sees them, who is switched, and the way back.</summary>
[Trait("Category", "Lab")]
[Collection(LabCollection.Name)]
public sealed class AliasTests(LabFixture fixture)
{
    private const string Alias = "newk8slbr.lab.example";

    // Stands in for kubeadm on one node: it signs with openssl what its configuration asks for, into the directory that that names.
    private const string Kubeadm = """
        #!/bin/sh
        [ "$1 $2 $3 $4 $5" = 'init phase certs apiserver --config' ] || exit 2
        dir=$(sed -n 's/^certificatesDir: //p' "$6")
        names=$(sed -n 's/^apiServer: {certSANs: \[\(.*\)\]}/\1/p' "$6" | tr -d '" ')
        san=$(printf '%s' "$names" | tr ',' '\n' | sed -e 's/^\([0-9.]*\)$/IP:\1/; t' -e 's/^/DNS:/' | paste -sd, -)
        openssl req -new -newkey rsa:2048 -nodes -subj /CN=kube-apiserver \
            -keyout "$dir/apiserver.key" -out "$dir/apiserver.csr" 2>/dev/null || exit 1
        printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature,keyEncipherment\n' "$san" > "$dir/extensions"
        openssl x509 -req -in "$dir/apiserver.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -set_serial 77 -days 365 \
            -extfile "$dir/extensions" -out "$dir/apiserver.crt" 2>/dev/null
        """;

    private LabCluster Cluster => fixture.Lab.Primary;

    [LabFact]
    public async Task A_name_is_added_switched_to_and_taken_back_while_the_API_serves()
    {
        var before = await StateAsync();
        await Cluster["cp2"].RunAsync($"cat > /usr/local/bin/kubeadm <<'END'\n{Kubeadm}\nEND\nchmod 755 /usr/local/bin/kubeadm");
        try
        {
            await PlanAsync(before);
            await AddAsync();
            await ExpectBothNamesAsync();
            Assert.Contains($"certSANs: [{Alias}]", await KubeadmConfigAsync(), StringComparison.Ordinal);

            await SwitchAsync();
            await TakeBackAsync(before);
        }
        finally
        {
            await Cluster["cp2"].RunAsync("rm -f /usr/local/bin/kubeadm");
            await OnNodesAsync($"sed '/ {Alias}$/d' /etc/hosts > /tmp/hosts && cat /tmp/hosts > /etc/hosts");
        }
    }

    private async Task PlanAsync(Dictionary<string, string> before)
    {
        var (exit, output) = await RunAsync(
            $"$Error.Clear(); Add-EtcdApiAlias primary {Alias} -WhatIf; Add-EtcdApiAlias primary {Alias} -RestartApiServer -WhatIf; "
                + "\"Errors: $($Error.Count)\""
        );

        Assert.True(exit == 0, output);
        Assert.Contains("Errors: 0", output, StringComparison.Ordinal);
        Assert.Equal(before, await StateAsync());
    }

    // One apiserver after the other is restarted, and whoever asks the front end is answered all the while.
    private async Task AddAsync()
    {
        await using var prober = new ApiProber(Cluster, "/api/v1/namespaces/kube-system");

        var (exit, output) = await RunAsync(
            $"""
            $a = Add-EtcdApiAlias primary {Alias} -RestartApiServer -Confirm:$false
            $a | Format-List
            $a.Nodes | Format-Table
            'Certificates: ' + ($a.Nodes.Certificate -join ', ')
            'Restarted: ' + ($a.Nodes.Restarted -join ', ')
            $b = Add-EtcdApiAlias primary {Alias} -Confirm:$false
            "Again: $($b.Changed)"
            """
        );

        Assert.True(exit == 0, output);
        Assert.Contains(
            "Certificates: Issued by the node's CA, Issued by kubeadm, Issued by the node's CA",
            output,
            StringComparison.Ordinal
        );
        Assert.Contains("Restarted: True, True, True", output, StringComparison.Ordinal);
        Assert.Contains("Again: False", output, StringComparison.Ordinal);
        Assert.Empty(prober.Outages);
    }

    private async Task SwitchAsync()
    {
        var (_, refused) = await RunAsync(
            $"try {{ Add-EtcdApiAlias primary {Alias} -SwitchKubeconfig -Confirm:$false; 'NO ERROR' }} catch {{ $_.FullyQualifiedErrorId }}"
        );
        Assert.Contains("AliasNotResolved", refused, StringComparison.Ordinal);
        await OnNodesAsync($"echo '{Cluster.EndpointAddress} {Alias}' >> /etc/hosts");

        var (exit, output) = await RunAsync(
            $"Add-EtcdApiAlias primary {Alias} -SwitchKubeconfig -Confirm:$false | Format-List; (Get-EtcdCluster primary).Server.Host"
        );

        Assert.True(exit == 0, output);
        Assert.Equal(Alias, output.TrimEnd().Split('\n')[^1].Trim());
        foreach (var node in Cluster.Nodes)
        {
            Assert.Contains(
                $"server: https://{Alias}:6443\n",
                await node.RunAsync("cat /etc/kubernetes/kubelet.conf"),
                StringComparison.Ordinal
            );
        }

        Assert.Contains(
            $"server: https://{Cluster["cp1"].Address}:6443\n",
            await Cluster["cp1"].RunAsync("cat /etc/kubernetes/scheduler.conf"),
            StringComparison.Ordinal
        );
        Assert.Contains($"controlPlaneEndpoint: {Alias}:6443\n", await KubeadmConfigAsync(), StringComparison.Ordinal);
        await ExpectClientAsync();
    }

    private async Task TakeBackAsync(Dictionary<string, string> before)
    {
        await using var prober = new ApiProber(Cluster, "/api/v1/namespaces/kube-system");

        var (exit, output) = await RunAsync($"Add-EtcdApiAlias primary {Alias} -Undo -Confirm:$false | Format-List");

        Assert.True(exit == 0, output);
        Assert.Empty(prober.Outages);
        Assert.Equal(before, await StateAsync());
        var (_, again) = await RunAsync(
            $"try {{ Add-EtcdApiAlias primary {Alias} -Undo -Confirm:$false; 'NO ERROR' }} catch {{ $_.FullyQualifiedErrorId }}"
        );
        Assert.Contains("AliasNotFound", again, StringComparison.Ordinal);
    }

    // Everything that an alias touches, as it is.
    private async Task<Dictionary<string, string>> StateAsync()
    {
        using var api = Cluster.ConnectApi();
        var state = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["kubeconfig"] = await File.ReadAllTextAsync(Cluster.Kubeconfig),
        };
        foreach (
            var path in new[]
            {
                "kube-system/configmaps/kubeadm-config",
                "kube-system/configmaps/kube-proxy",
                "kube-public/configmaps/cluster-info",
            }
        )
        {
            state[path] = (await api.GetAsync($"/api/v1/namespaces/{path}"))!["data"]!.ToJsonString();
        }

        foreach (var node in Cluster.Nodes)
        {
            state[node.Name] = await node.RunAsync("cd /etc/kubernetes; sha256sum *.conf pki/apiserver.* 2>/dev/null || true; ls");
        }

        foreach (var node in Cluster.ControlPlane)
        {
            state[$"{node.Name} serves"] = await ServedAsync(node, "-fingerprint -sha256");
        }

        return state;
    }

    private async Task ExpectBothNamesAsync()
    {
        foreach (var node in Cluster.ControlPlane)
        {
            var served = await ServedAsync(node, "-ext subjectAltName");
            Assert.Contains($"DNS:{Cluster.EndpointHost}", served, StringComparison.Ordinal);
            Assert.Contains($"DNS:{Alias}", served, StringComparison.Ordinal);
        }
    }

    // The certificate must be the CA's and for the name, or the handshake fails.
    private async Task ExpectClientAsync()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(Cluster.CaFile);
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Parse(Cluster.EndpointAddress), Cluster.EndpointPort, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler);
        Assert.Equal("ok", await client.GetStringAsync(new Uri($"https://{Alias}:{Cluster.EndpointPort}/readyz")));
    }

    private async Task<string> KubeadmConfigAsync()
    {
        using var api = Cluster.ConnectApi();
        return (string)(await api.GetAsync("/api/v1/namespaces/kube-system/configmaps/kubeadm-config"))!["data"]!["ClusterConfiguration"]!;
    }

    private static Task<string> ServedAsync(LabNode node, string what)
    {
        var command =
            $"openssl s_client -connect {node.Address}:6443 -servername {Alias} </dev/null 2>/dev/null | openssl x509 -noout {what}";
        return Tool.RunAsync("sh", ["-c", command], CancellationToken.None);
    }

    private Task OnNodesAsync(string script) => Task.WhenAll(Cluster.Nodes.Select(node => node.RunAsync(script)));

    private Task<(int ExitCode, string Output)> RunAsync(string script) =>
        ScriptProcess.RunAsync(
            $"Import-Module '{Path.Combine(Repository.Root, "out", "EtcdDr", "EtcdDr.psd1")}'; $ErrorActionPreference = 'Stop'; {script}",
            ("ETCDDR_PROFILE", fixture.Lab.ProfilePath)
        );
}
