using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EtcdDr.Lab.Nodes;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Net.Client;

namespace EtcdDr.Bench.Scenarios;

/// <summary>Puts pods and other objects into a node's etcd, in the form in which the played kube-apiserver keeps them, without going
/// through it.</summary>
internal static class InventoryObjects
{
    private const int Batch = 100;
    private const int Namespaces = 100;

    /// <summary>The kinds that are written, as kubectl names them.</summary>
    public const string Kinds = "pods,configmaps,secrets,replicasets.apps";

    /// <summary>Writes them.</summary>
    public static async Task WriteAsync(LabNode node, int pods, int others, CancellationToken cancellationToken)
    {
        const string pki = "/etc/kubernetes/pki/etcd/";
        using var pem = X509Certificate2.CreateFromPemFile(
            node.PathOf(pki + "healthcheck-client.crt"),
            node.PathOf(pki + "healthcheck-client.key")
        );
        using var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        using var authority = X509CertificateLoader.LoadCertificateFromFile(node.PathOf(pki + "ca.crt"));
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.ClientCertificates = [certificate];
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(authority);
        using var channel = GrpcChannel.ForAddress($"https://{node.Address}:2379", new GrpcChannelOptions { HttpHandler = handler });
        var client = new KV.KVClient(channel);
        foreach (var batch in All(pods, others).Chunk(Batch))
        {
            var request = new TxnRequest();
            request.Success.Add(
                batch.Select(item => new RequestOp
                {
                    RequestPut = new PutRequest { Key = ByteString.CopyFromUtf8(item.Key), Value = ByteString.CopyFromUtf8(item.Value) },
                })
            );
            await client.TxnAsync(request, cancellationToken: cancellationToken);
        }
    }

    /// <summary>All kinds in turn, without an end: half pods by number, config maps, secrets and ReplicaSets.</summary>
    public static IEnumerable<(string Key, string Value)> Endless()
    {
        var random = new Random(7);
        for (var i = 0; ; i++)
        {
            yield return (i % 8) switch
            {
                0 => Secret(i, random),
                1 => ReplicaSet(i, random),
                2 or 3 => ConfigMap(i, random),
                _ => Pod(i, random),
            };
        }
    }

    private static IEnumerable<(string Key, string Value)> All(int pods, int others)
    {
        var random = new Random(6);
        return Enumerable
            .Range(0, pods)
            .Select(i => Pod(i, random))
            .Concat(
                Enumerable
                    .Range(0, others)
                    .Select(i =>
                        (i % 4) switch
                        {
                            0 => Secret(i, random),
                            1 => ReplicaSet(i, random),
                            _ => ConfigMap(i, random),
                        }
                    )
            );
    }

    private static (string Key, string Value) Pod(int number, Random random) =>
        Object(
            "pods",
            "v1",
            "Pod",
            number,
            random,
            $$$"""
            "spec":{"containers":[{{{Container(number)}}},{{{Container(number + 1)}}}],"nodeName":"worker-{{{number
                % 50}}}","restartPolicy":"Always","serviceAccountName":"default",
            "tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}],
            "volumes":[{"name":"config","configMap":{"name":"app-{{{number}}}","defaultMode":420}},{"name":"token",
              "projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}}],
              "defaultMode":420}}]},
            "status":{"phase":"Running","podIP":"10.244.{{{number % 250}}}.{{{number % 199}}}","hostIP":"10.0.0.{{{number
                % 50}}}","startTime":"2026-01-01T00:00:00Z",
            "conditions":[{"type":"Initialized","status":"True"},{"type":"Ready","status":"True"},
              {"type":"ContainersReady","status":"True"},{"type":"PodScheduled","status":"True"}]}
            """
        );

    private static string Container(int number) =>
        $$$"""
            {"name":"c{{{number}}}","image":"registry.example/team/app-{{{number % 40}}}:1.{{{number
                % 9}}}.0","imagePullPolicy":"IfNotPresent",
            "args":["--port=8080","--config=/etc/app/config.yaml","--log-level=info"],"ports":[{"containerPort":8080,"protocol":"TCP"}],
            "env":[{"name":"POD_NAME","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.name"} } },
              {"name":"REGION","value":"eu-{{{number
                % 3}}}"}],
            "resources":{"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"memory":"256Mi"}},
            "livenessProbe":{"httpGet":{"path":"/healthz","port":8080,"scheme":"HTTP"},"timeoutSeconds":1,
              "periodSeconds":10,"failureThreshold":3},
            "volumeMounts":[{"name":"config","mountPath":"/etc/app"},{"name":"token","readOnly":true,
              "mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]}
            """;

    private static (string Key, string Value) ConfigMap(int number, Random random) =>
        Object("configmaps", "v1", "ConfigMap", number, random, $"\"data\":{{\"application.properties\":\"{Text(random, 900)}\"}}");

    private static (string Key, string Value) Secret(int number, Random random) =>
        Object("secrets", "v1", "Secret", number, random, $"\"type\":\"Opaque\",\"data\":{{\"password\":\"{Text(random, 400)}\"}}");

    private static (string Key, string Value) ReplicaSet(int number, Random random) =>
        Object(
            "replicasets",
            "apps/v1",
            "ReplicaSet",
            number,
            random,
            $$$"""
            "spec":{"replicas":0,"selector":{"matchLabels":{"app":"app-{{{number}}}"}},
              "template":{"metadata":{"labels":{"app":"app-{{{number}}}"}},"spec":{"containers":[{{{Container(
                number
            )}}}]} } },"status":{"replicas":0,"observedGeneration":1}
            """
        );

    private static (string Key, string Value) Object(string resource, string version, string kind, int number, Random random, string body)
    {
        var space = string.Create(CultureInfo.InvariantCulture, $"team-{number % Namespaces}");
        var name = string.Create(CultureInfo.InvariantCulture, $"app-{number:d6}");
        var uid = new byte[16];
        random.NextBytes(uid);
        var json = $$$"""
            {"apiVersion":"{{{version}}}","kind":"{{{kind}}}","metadata":{"name":"{{{name}}}","namespace":"{{{space}}}","uid":"{{{new Guid(
                uid
            )}}}","generation":1,"creationTimestamp":"2026-01-01T00:00:00Z",
            "labels":{"app":"app-{{{number}}}","team":"{{{space}}}"}},{{{body}}}}
            """;
        return ($"/registry/{resource}/{space}/{name}", json.ReplaceLineEndings(string.Empty));
    }

    // Letters and digits only: it stands in JSON and, in a secret, for base64.
    private static string Text(Random random, int length)
    {
        var bytes = new byte[length / 2];
        random.NextBytes(bytes);
        return new StringBuilder(Convert.ToHexString(bytes)).ToString();
    }
}
