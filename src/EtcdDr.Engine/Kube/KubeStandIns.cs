namespace EtcdDr.Engine.Kube;

/// <summary>
/// Users who are asked in their turn where the kubeconfig's own is refused (401, 403): a restored state may know nothing of a service
/// account, or of the roles of the other site. The first who is let in is asked from then on, and that is told once.
/// </summary>
/// <param name="find">Looks for them, once, when the first refusal comes.</param>
/// <param name="tell">Takes what the operator is to know.</param>
internal sealed class KubeStandIns(Func<CancellationToken, Task<IReadOnlyList<KubeUser>>> find, Action<string> tell) : IDisposable
{
    private readonly SemaphoreSlim _finding = new(1, 1);
    private readonly List<KubeCredentials> _credentials = [];
    private IReadOnlyList<(KubeUser User, KubeClient Client)>? _found;
    private int _next;
    private bool _toldOfNone;

    /// <summary>Makes a client of credentials; set by the connection that these stand in for.</summary>
    public Func<KubeCredentials, KubeClient> Connect { get; set; } = _ => throw new InvalidOperationException();

    /// <summary>The connection's context.</summary>
    public KubeconfigContext? Context { get; set; }

    /// <summary>Who is asked at once, because the kubeconfig's user was refused before; null while that was not so.</summary>
    private KubeClient? Chosen => _found is { } found && _next > 0 ? found[_next - 1].Client : null;

    /// <summary>Whether a failure says that a user is not let in.</summary>
    public static bool IsRefusal(EtcdDrException failure) => failure.ErrorId is "KubeApiUnauthorized" or "KubeApiForbidden";

    /// <summary>Asks the kubeconfig's user, or whoever stands in for that one by now; where they are refused, the others.</summary>
    /// <exception cref="EtcdDrException">The first refusal, where nobody is let in; any other failure.</exception>
    public async Task<HttpResponseMessage> AskAsync(
        KubeClient own,
        Func<KubeClient, Task<HttpResponseMessage>> ask,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await ask(Chosen ?? own);
        }
        catch (EtcdDrException refusal) when (IsRefusal(refusal))
        {
            var began = _next;
            var others = await FindAsync(cancellationToken);
            for (var i = began; i < others.Count; i++)
            {
                if (await TryAsync(others[i].Client, ask) is { } answer)
                {
                    Choose(i + 1, others[i].User, refusal);
                    return answer;
                }
            }

            TellOfNone(others, refusal);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, client) in _found ?? [])
        {
            client.Dispose();
        }

        _credentials.ForEach(c => c.Dispose());
        _finding.Dispose();
    }

    private static async Task<HttpResponseMessage?> TryAsync(KubeClient client, Func<KubeClient, Task<HttpResponseMessage>> ask)
    {
        try
        {
            return await ask(client);
        }
        catch (EtcdDrException refusal) when (IsRefusal(refusal))
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<(KubeUser User, KubeClient Client)>> FindAsync(CancellationToken cancellationToken)
    {
        await _finding.WaitAsync(cancellationToken);
        try
        {
            return _found ??= await ConnectAsync(await find(cancellationToken), cancellationToken);
        }
        finally
        {
            _finding.Release();
        }
    }

    private async Task<IReadOnlyList<(KubeUser User, KubeClient Client)>> ConnectAsync(
        IReadOnlyList<KubeUser> users,
        CancellationToken cancellationToken
    )
    {
        var clients = new List<(KubeUser, KubeClient)>();
        foreach (var user in users)
        {
            var context = Context! with { Path = user.Place, User = user.Place, UserEntry = user.Entry };
            try
            {
                var credentials = await KubeCredentials.LoadAsync(context, cancellationToken);
                _credentials.Add(credentials);
                clients.Add((user, Connect(credentials)));
            }
            catch (EtcdDrException e) when (e.ErrorId == "KubeCredentialFailed")
            {
                tell($"{user.Place} cannot be used: {e.Message}");
            }
        }

        return clients;
    }

    private void Choose(int next, KubeUser user, EtcdDrException refusal)
    {
        int before;
        lock (_credentials)
        {
            before = _next;
            _next = Math.Max(before, next);
        }

        if (before < next)
        {
            tell(
                $"{refusal.Message.TrimEnd('.')}. From here on the API is asked with {user.Place}, read into memory only; "
                    + "have the kubeconfig's user, or its roles, made anew."
            );
        }
    }

    private void TellOfNone(IReadOnlyList<(KubeUser User, KubeClient Client)> others, EtcdDrException refusal)
    {
        lock (_credentials)
        {
            if (_toldOfNone)
            {
                return;
            }

            _toldOfNone = true;
        }

        tell(
            others.Count == 0
                ? $"{refusal.Message.TrimEnd('.')}, and no control-plane node has an admin.conf or super-admin.conf that could be used."
                : $"{refusal.Message.TrimEnd('.')}, and so are {string.Join(", ", others.Select(o => o.User.Place))}."
        );
    }
}
