namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>The kubeconfig of this machine: replaced whole, the previous one kept beside it.</summary>
internal static class LocalKubeconfig
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Where the previous one is kept.</summary>
    public static string KeptPath(string path, string alias) => $"{path}.before-{alias}";

    /// <summary>Replaces it.</summary>
    /// <exception cref="EtcdDrException"><c>KubeconfigUnwritable</c>.</exception>
    public static async Task ReplaceAsync(string path, string text, string alias, CancellationToken cancellationToken)
    {
        var kept = KeptPath(path, alias);
        if (!File.Exists(kept))
        {
            await WriteAsync(path, kept, await File.ReadAllTextAsync(path, cancellationToken), cancellationToken);
        }

        await WriteAsync(path, path, text, cancellationToken);
    }

    /// <summary>Puts the kept one back, unless somebody changed the present one.</summary>
    /// <returns>Whether it was put back; null if none is kept.</returns>
    public static async Task<bool?> PutBackAsync(string path, string alias, Func<string, string> asItWasWritten, CancellationToken cancellationToken)
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

        await WriteAsync(path, path, previous, cancellationToken);
        File.Delete(kept);
        return true;
    }

    private static async Task WriteAsync(string like, string path, string text, CancellationToken cancellationToken)
    {
        var place = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        var beside = $"{place}.{Guid.NewGuid():N}.new";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            await using (var stream = new FileStream(beside, options))
            {
                await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), cancellationToken);
            }

            if (!OperatingSystem.IsWindows() && path == like)
            {
                File.SetUnixFileMode(beside, File.GetUnixFileMode(place));
            }

            File.Move(beside, place, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EtcdDrException(
                "KubeconfigUnwritable",
                EtcdDrErrorCategory.WriteError,
                $"The kubeconfig {path} cannot be written: {e.Message.TrimEnd('.')}.",
                "Make it and its directory writable, and run the command again.",
                path,
                e);
        }
    }
}
