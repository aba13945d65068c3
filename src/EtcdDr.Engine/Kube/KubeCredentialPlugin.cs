using System.ComponentModel;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Trust;
using EtcdDr.Engine.Yaml;
using k8s;
using k8s.Authentication;
using k8s.Exceptions;
using k8s.KubeConfigModels;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// A credential plugin of a kubeconfig (client.authentication.k8s.io). Run by ourselves: KubernetesClient joins the arguments by blanks,
/// runs the plugin twice before the first request, passes over how it ended, leaves it running after its time limit, and never tells it
/// which cluster it is for.
/// </summary>
internal sealed class KubeCredentialPlugin(KubeconfigContext context, YamlElement exec) : ITokenProvider
{
    private const string ExecInfo = "KUBERNETES_EXEC_INFO";
    private const string ClusterConfiguration = "client.authentication.k8s.io/exec";
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private ExecCredentialResponse.ExecStatus? _shown;

    /// <summary>Runs the plugin.</summary>
    /// <exception cref="KubeConfigException">It cannot be run, failed, or showed nothing.</exception>
    /// <exception cref="EtcdDrException"><c>FileNotTrusted</c>: somebody else could have written the kubeconfig that names it.</exception>
    public async Task<ExecCredentialResponse.ExecStatus> RunAsync(CancellationToken cancellationToken)
    {
        FileTrust.Require(context.Path);
        var command = exec.TextOf("command") ?? throw new KubeConfigException(Errors.KubeCredentialFailed_Exec_Part);
        var apiVersion = exec.TextOf("apiVersion") ?? throw new KubeConfigException(Errors.KubeCredentialFailed_ExecVersion_Part);
        var answer = await OutputAsync(StartInfo(command, apiVersion), command, cancellationToken);
        return _shown = Parse(answer, command, apiVersion);
    }

    public async Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
    {
        var shown = _shown is null || _shown.ExpirationTimestamp - Margin < DateTime.UtcNow ? await RunAsync(cancellationToken) : _shown;
        return new AuthenticationHeaderValue("Bearer", shown.Token);
    }

    private ProcessStartInfo StartInfo(string command, string apiVersion)
    {
        var isInteractive = !Console.IsInputRedirected && exec.TextOf("interactiveMode") != "Never";
        if (!isInteractive && exec.TextOf("interactiveMode") == "Always")
        {
            throw new KubeConfigException(Errors.KubeCredentialFailed_ExecInteractive_Part.With(command));
        }

        var start = new ProcessStartInfo
        {
            // As kubectl does: a command with a slash is a path from the kubeconfig, one without is looked up in PATH.
            FileName = command.Contains('/', StringComparison.Ordinal) ? Kubeconfig.Resolve(context.Path, command) : command,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardOutput = true,
            // A person at the terminal sees what the plugin asks for; without one it must not wait for an answer.
            RedirectStandardInput = !isInteractive,
            RedirectStandardError = !isInteractive,
        };
        foreach (var argument in exec["args"]?.Items ?? [])
        {
            start.ArgumentList.Add(argument.Text);
        }

        foreach (var variable in exec["env"]?.Items ?? [])
        {
            start.Environment[variable.TextOf("name") ?? ""] = variable.TextOf("value");
        }

        start.Environment[ExecInfo] = Info(apiVersion, isInteractive).ToJsonString();
        return start;
    }

    private JsonObject Info(string apiVersion, bool isInteractive)
    {
        var spec = new JsonObject { ["interactive"] = isInteractive };
        if (exec["provideClusterInfo"]?.TryGetBoolean(out var provide) == true && provide)
        {
            spec["cluster"] = Cluster();
        }

        return new JsonObject
        {
            ["kind"] = "ExecCredential",
            ["apiVersion"] = apiVersion,
            ["spec"] = spec,
        };
    }

    private JsonObject Cluster()
    {
        var cluster = new JsonObject { ["server"] = context.Server.OriginalString };
        if (context.TlsServerName is { } name)
        {
            cluster["tls-server-name"] = name;
        }

        if (context.SkipTlsVerify)
        {
            cluster["insecure-skip-tls-verify"] = true;
        }

        if (context.CertificateAuthorityPem is { } authority)
        {
            cluster["certificate-authority-data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(authority));
        }

        if (context.Proxy is { } proxy)
        {
            cluster["proxy-url"] = proxy.OriginalString;
        }

        var extension = context.ClusterEntry?["extensions"]?.Items.FirstOrDefault(e => e.TextOf("name") == ClusterConfiguration);
        if (extension?["extension"] is { } configuration)
        {
            cluster["config"] = configuration.ToJson();
        }

        return cluster;
    }

    private static async Task<string> OutputAsync(ProcessStartInfo start, string command, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(KubernetesClientConfiguration.ExecTimeout);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
            if (start.RedirectStandardInput)
            {
                process.StandardInput.Close();
            }

            var errors = start.RedirectStandardError ? process.StandardError.ReadToEndAsync(limit.Token) : Task.FromResult("");
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0
                ? output
                : throw new KubeConfigException(
                    Errors.KubeCredentialFailed_ExecStatus_Part.With(command, process.ExitCode, (await errors).Trim())
                );
        }
        catch (Win32Exception e)
        {
            throw new KubeConfigException(Errors.KubeCredentialFailed_ExecStart_Part.With(command, e.Message), e);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new KubeConfigException(
                Errors.KubeCredentialFailed_ExecTime_Part.With(command, KubernetesClientConfiguration.ExecTimeout.TotalSeconds)
            );
        }
    }

    // What a plugin writes is secret: no part of it comes into a message.
    private static ExecCredentialResponse.ExecStatus Parse(string answer, string command, string apiVersion)
    {
        ExecCredentialResponse? credential;
        try
        {
            credential = KubernetesJson.Deserialize<ExecCredentialResponse>(answer);
        }
        catch (JsonException)
        {
            throw new KubeConfigException(Errors.KubeCredentialFailed_ExecAnswer_Part.With(command));
        }

        if (credential?.ApiVersion != apiVersion)
        {
            throw new KubeConfigException(
                Errors.KubeCredentialFailed_ExecOtherVersion_Part.With(command, credential?.ApiVersion, apiVersion)
            );
        }

        return credential.Status?.IsValid() == true
            ? credential.Status
            : throw new KubeConfigException(Errors.KubeCredentialFailed_ExecAnswer_Part.With(command));
    }
}
