using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>
/// Gives one node's apiserver another serving certificate and returns when it serves with it. kube-apiserver watches its certificate's
/// files (DynamicCertKeyPairContent in k8s.io/apiserver) and loads them without a break; one that has not done so in a short while is
/// restarted.
/// </summary>
internal sealed class CertificateRollout(ClusterSession session, AliasOptions options, string activity)
{
    private const int GraceSeconds = 10;

    private static readonly TimeSpan LoadLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Issues and installs a certificate for a node.</summary>
    /// <returns>What became of the node.</returns>
    /// <exception cref="EtcdDrException"><c>CertificateNotIssued</c>, <c>CertificateNotServed</c> (the previous one is back then),
    /// <c>FileChangedMeanwhile</c>.</exception>
    public async Task<KubeApiAliasNode> AddAsync(AliasNode node, KubeadmText configuration, CancellationToken cancellationToken)
    {
        var host = await session.HostAsync(node.Node, cancellationToken);
        using var present = node.Certificate();
        string[] names = [.. ServingCertificate.NamesOf(present), options.Alias];
        Show(node, "Issuing a certificate");
        using var issued = node.HasKubeadm
            ? await ByKubeadmAsync(host, node, configuration.WithNames(names), cancellationToken)
            : await ByAuthorityAsync(host, node, present, names, configuration.CertificateValidity, cancellationToken);
        Check(node, issued, names);
        var keep = node.KeepDirectory(options.Alias);
        Show(node, "Putting the certificate in place");
        var install = AliasCommands.InstallCertificate.With(
            keep,
            node.WorkDirectory(options.Alias),
            node.CertificatePath,
            node.KeyPath,
            node.Sum(node.CertificatePath)
        );
        if ((await host.RunAsync(install, cancellationToken)).ExitStatus == AliasCommands.Changed)
        {
            throw AliasErrors.ChangedMeanwhile(node.Node.Name, node.CertificatePath);
        }

        var restarted = await LoadOrPutBackAsync(host, node, issued, cancellationToken);
        return Describe(node, issued) with
        {
            Certificate = node.HasKubeadm ? "Issued by kubeadm" : "Issued by the node's CA",
            Restarted = restarted,
            KeptIn = keep,
        };
    }

    /// <summary>Puts the kept certificate of a node back.</summary>
    public async Task<KubeApiAliasNode> UndoAsync(AliasNode node, CancellationToken cancellationToken)
    {
        var host = await session.HostAsync(node.Node, cancellationToken);
        var keep = node.KeepDirectory(options.Alias);
        Show(node, "Putting the previous certificate back");
        var answer = (await host.RunAsync(PutBack(node, keep), cancellationToken)).Text.Trim();
        using var now = X509Certificate2.CreateFromPem(
            (await host.RunAsync(NodeFileCommands.ReadFile.With(node.CertificatePath), cancellationToken)).Text
        );
        var described = Describe(node, now);
        if (answer == "back")
        {
            var restarted = await LoadAsync(host, node, now, cancellationToken);
            return described with { Certificate = "Put back", Restarted = restarted };
        }

        if (!answer.StartsWith("changed", StringComparison.Ordinal))
        {
            return described with { Certificate = "Unchanged" };
        }

        session.Context.Sink.Warning(
            $"On node {node.Node.Name} somebody replaced the certificate since '{options.Alias}' was added; it was left as it is. The "
                + $"one from before is kept in {keep}."
        );
        return described with { Certificate = "Changed since", KeptIn = keep };
    }

    /// <summary>A node as it is.</summary>
    public static KubeApiAliasNode Describe(AliasNode node, X509Certificate2? certificate) =>
        new()
        {
            Node = node.Node.Name,
            Role = node.Node.Role,
            Certificate = certificate is null ? "None" : "Unchanged",
            Names = certificate is null ? [] : ServingCertificate.NamesOf(certificate),
            NotAfter = certificate?.NotAfter.ToUniversalTime(),
        };

    private static RemoteCommand PutBack(AliasNode node, string keep) =>
        AliasCommands.PutBack.With(keep, "apiserver.key", node.KeyPath, "apiserver.crt", node.CertificatePath);

    private async Task<X509Certificate2> ByKubeadmAsync(
        IRemoteHost host,
        AliasNode node,
        KubeadmText configuration,
        CancellationToken cancellationToken
    )
    {
        var work = node.WorkDirectory(options.Alias);
        var text = configuration.ForNode(work, node.Node.Name, node.ApiServer?.AdvertiseAddress, node.ApiServer?.SecurePort ?? 6443);
        var input = Encoding.UTF8.GetBytes(text);
        try
        {
            var answer = await host.RunAsync(
                AliasCommands.KubeadmCertificate.With(work, node.PkiDirectory, $"{input.Length}"),
                cancellationToken,
                input
            );
            return X509Certificate2.CreateFromPem(answer.Text);
        }
        catch (EtcdDrException e) when (e.ErrorId == "RemoteCommandFailed")
        {
            throw AliasErrors.NotIssued(node.Node.Name, e.Message, e);
        }
        catch (CryptographicException e)
        {
            throw AliasErrors.NotIssued(node.Node.Name, Errors.CertificateNotIssued_Kubeadm_Part.With(e.Message), e);
        }
    }

    private async Task<X509Certificate2> ByAuthorityAsync(
        IRemoteHost host,
        AliasNode node,
        X509Certificate2 present,
        string[] names,
        TimeSpan validity,
        CancellationToken cancellationToken
    )
    {
        using var authority = node.Authority();
        var answer = await host.RunAsync(NodeFileCommands.ReadFile.With($"{node.PkiDirectory}/ca.key"), cancellationToken);
        var authorityKey = new char[Encoding.UTF8.GetCharCount(answer.StandardOutput.Span)];
        try
        {
            Encoding.UTF8.GetChars(answer.StandardOutput.Span, authorityKey);
            var (certificate, key) = ServingCertificate.Issue(
                present,
                names,
                authority,
                authorityKey,
                validity,
                session.Context.Time.GetUtcNow()
            );
            var pair = Encoding.UTF8.GetBytes(certificate + key);
            await host.RunAsync(
                AliasCommands.ReceiveCertificate.With(node.WorkDirectory(options.Alias), $"{pair.Length}"),
                cancellationToken,
                pair
            );
            return X509Certificate2.CreateFromPem(certificate);
        }
        catch (CryptographicException e)
        {
            throw AliasErrors.NotIssued(
                node.Node.Name,
                Errors.CertificateNotIssued_AuthorityKey_Part.With(node.PkiDirectory, e.Message),
                e
            );
        }
        finally
        {
            Array.Clear(authorityKey);
            answer.Clear();
        }
    }

    private static void Check(AliasNode node, X509Certificate2 issued, string[] names)
    {
        using var authority = node.Authority();
        var missing = names.Where(n => !ServingCertificate.Covers(issued, n)).ToList();
        if (missing.Count > 0 || !ServingCertificate.IsIssuedBy(issued, authority))
        {
            throw AliasErrors.NotIssued(
                node.Node.Name,
                missing.Count > 0
                    ? Errors.CertificateNotIssued_Names_Part.With(string.Join(", ", missing))
                    : Errors.CertificateNotIssued_Authority_Part.With(node.PkiDirectory)
            );
        }
    }

    private async Task<bool> LoadOrPutBackAsync(
        IRemoteHost host,
        AliasNode node,
        X509Certificate2 issued,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await LoadAsync(host, node, issued, cancellationToken);
        }
        catch (EtcdDrException e) when (e.ErrorId is "CertificateNotServed" or "ApiServerNotReady")
        {
            await host.RunAsync(PutBack(node, node.KeepDirectory(options.Alias)), CancellationToken.None);
            await RestartAsync(host, node, CancellationToken.None);
            throw AliasErrors.NotServed(node.Node.Name, options.Timeout, e);
        }
    }

    /// <summary>Returns when the apiserver serves with a certificate and is ready. True if it was restarted.</summary>
    private async Task<bool> LoadAsync(IRemoteHost host, AliasNode node, X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        Show(node, "Waiting until kube-apiserver serves with the certificate");
        var restart = options.Restart || !await ServesAsync(host, node, certificate, LoadLimit, cancellationToken);
        if (restart)
        {
            Show(node, "Restarting kube-apiserver");
            await RestartAsync(host, node, cancellationToken);
            if (!await ServesAsync(host, node, certificate, options.Timeout, cancellationToken))
            {
                throw AliasErrors.NotServed(node.Node.Name, options.Timeout, null);
            }
        }

        await new ControlPlaneHealth(session).WaitForApiServersAsync(
            [node.ControlPlane!],
            options.Timeout,
            () => Task.CompletedTask,
            cancellationToken
        );
        return restart;
    }

    private static Task RestartAsync(IRemoteHost host, AliasNode node, CancellationToken cancellationToken) =>
        host.RunAsync(
            AliasCommands.RestartApiServer.With(node.ControlPlane!.Place.RuntimeEndpoint, GraceSeconds.ToString()),
            cancellationToken
        );

    private async Task<bool> ServesAsync(
        IRemoteHost host,
        AliasNode node,
        X509Certificate2 certificate,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        await using var way = await ApiServerWay.OpenAsync(host, node.ApiServer, cancellationToken);
        var deadline = session.Context.Time.GetUtcNow() + limit;
        while (!await ShowsAsync(way.Port, certificate, cancellationToken))
        {
            if (session.Context.Time.GetUtcNow() >= deadline)
            {
                return false;
            }

            await Task.Delay(Interval, session.Context.Time, cancellationToken);
        }

        return true;
    }

    private static async Task<bool> ShowsAsync(int port, X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, limit.Token);

            // Nothing is sent: the handshake shows which certificate is served, and it is compared byte by byte.
            await using var tls = new SslStream(
                client.GetStream(),
                false,
                (_, shown, _, _) => shown?.GetRawCertData().AsSpan().SequenceEqual(certificate.RawData) == true
            );
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "kubernetes" }, limit.Token);
            return true;
        }
        catch (Exception e)
            when (e is AuthenticationException or IOException or SocketException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            // Another certificate, or no server just now: both are waited out by the caller, within its limit.
            return false;
        }
    }

    private void Show(AliasNode node, string step) => session.Context.Sink.Progress(new ProgressUpdate(activity, node.Node.Name, step));
}
