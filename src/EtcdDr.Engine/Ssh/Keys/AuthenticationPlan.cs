using EtcdDr.Engine.Operations;
using Renci.SshNet;

namespace EtcdDr.Engine.Ssh.Keys;

/// <summary>What is offered to a server at login, in order: keys, then the password.</summary>
internal sealed class AuthenticationPlan : IDisposable
{
    private readonly List<KeySource> _keys;
    private readonly List<string> _notes;
    private readonly bool _hasPassword;

    private AuthenticationPlan(SshTarget target, List<KeySource> keys, List<string> notes)
    {
        _keys = keys;
        _notes = notes;
        _hasPassword = target.Password is not null;
        Methods = [.. CreateMethods(target, keys)];
    }

    /// <summary>The methods, for SSH.NET. They serve one connection.</summary>
    public AuthenticationMethod[] Methods { get; }

    /// <summary>Loads what there is to offer.</summary>
    /// <exception cref="EtcdDrException">A key that was asked for cannot be used, or there is nothing to offer.</exception>
    public static async Task<AuthenticationPlan> CreateAsync(SshTarget target, IOperationSink sink, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        var keys = await KeyCollector.CollectAsync(target, sink, notes, cancellationToken);
        return keys.Count > 0 || target.Password is not null
            ? new AuthenticationPlan(target, keys, notes)
            : throw KeyErrors.NothingToOffer(target);
    }

    /// <summary>What was offered, for the message of a refused login.</summary>
    public string Describe()
    {
        var offered = _keys.Select(key => key.Description).ToList();
        if (_hasPassword)
            offered.Add(Errors.SshAuthenticationFailed_Password_Part);

        return string.Join(", ", offered.Concat(_notes));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var method in Methods)
            method.Dispose();

        foreach (var key in _keys)
            key.Dispose();
    }

    private static IEnumerable<AuthenticationMethod> CreateMethods(SshTarget target, List<KeySource> keys)
    {
        if (keys.Count > 0)
            yield return new PrivateKeyAuthenticationMethod(target.User, [.. keys]);

        if (target.Password is null)
            yield break;

        var password = Secrets.Reveal(target.Password);
        yield return new PasswordAuthenticationMethod(target.User, password);
        var interactive = new KeyboardInteractiveAuthenticationMethod(target.User);
        interactive.AuthenticationPrompt += (_, e) =>
        {
            // A prompt whose answer may be seen asks for something else than the password; it stays unanswered, and that fails the method.
            foreach (var prompt in e.Prompts.Where(prompt => !prompt.IsEchoed))
                prompt.Response = password;
        };
        yield return interactive;
    }
}
