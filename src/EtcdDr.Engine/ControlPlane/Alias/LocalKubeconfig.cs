using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>The kubeconfig of this machine: replaced whole, the previous one kept beside it.</summary>
internal static class LocalKubeconfig
{
    /// <summary>Where the previous one is kept.</summary>
    public static string KeptPath(string path, string alias) => $"{path}.before-{alias}";

    /// <summary>Replaces it.</summary>
    /// <exception cref="EtcdDrException"><c>KubeconfigUnwritable</c>.</exception>
    public static async Task ReplaceAsync(string path, string text, string alias, CancellationToken cancellationToken)
    {
        var kept = KeptPath(path, alias);
        if (!File.Exists(kept))
        {
            Write(kept, await File.ReadAllTextAsync(path, cancellationToken));
        }

        Write(path, text);
    }

    /// <summary>Puts the kept one back, unless somebody changed the present one.</summary>
    /// <returns>Whether it was put back; null if none is kept.</returns>
    public static async Task<bool?> PutBackAsync(
        string path,
        string alias,
        Func<string, string> asItWasWritten,
        CancellationToken cancellationToken
    )
    {
        var kept = KeptPath(path, alias);
        if (!File.Exists(kept))
        {
            return null;
        }

        var previous = await File.ReadAllTextAsync(kept, cancellationToken);
        var present = await File.ReadAllTextAsync(path, cancellationToken);
        if (present != previous && present != asItWasWritten(previous))
        {
            return false;
        }

        Write(path, previous);
        File.Delete(kept);
        return true;
    }

    private static void Write(string path, string text)
    {
        try
        {
            LocalText.Replace(path, text, LocalText.Secret);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EtcdDrException(
                "KubeconfigUnwritable",
                EtcdDrErrorCategory.WriteError,
                Errors.KubeconfigUnwritable.With(path, e.Message.TrimEnd('.')),
                Errors.KubeconfigUnwritable_Action,
                path,
                e
            );
        }
    }
}
