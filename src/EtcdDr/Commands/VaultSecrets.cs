using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Security;
using EtcdDr.Engine.Clusters.Profiles;

namespace EtcdDr.Commands;

/// <summary>Secrets of vaults, through <c>Get-Secret</c> of Microsoft.PowerShell.SecretManagement or whatever has that name in the
/// session.</summary>
internal static class VaultSecrets
{
    private const string Command = "Get-Secret";

    private const string Script =
        "param([string] $Name, [string] $Vault) $what = @{ Name = $Name; ErrorAction = 'Stop' }; if ($Vault) { $what.Vault = $Vault }; "
        + "Get-Secret @what";

    /// <summary>The secret. On the pipeline thread only.</summary>
    /// <exception cref="EtcdDrException"><c>SecretCommandNotFound</c>, <c>SecretNotFound</c>, <c>SecretUnusable</c>.</exception>
    public static SecureString Get(CommandInvocationIntrinsics commands, SecretReference secret)
    {
        if (commands.GetCommand(Command, CommandTypes.Cmdlet | CommandTypes.Function) is null)
        {
            throw new EtcdDrException(
                "SecretCommandNotFound",
                EtcdDrErrorCategory.AuthenticationError,
                Errors.SecretCommandNotFound.With(secret),
                Errors.SecretCommandNotFound_Action,
                secret.ToString()
            );
        }

        return Found(commands, secret) is [{ BaseObject: var value }] && Hidden(value) is { Length: > 0 } hidden
            ? hidden
            : throw new EtcdDrException(
                "SecretUnusable",
                EtcdDrErrorCategory.AuthenticationError,
                Errors.SecretUnusable.With(secret),
                Errors.SecretUnusable_Action,
                secret.ToString()
            );
    }

    private static Collection<PSObject> Found(CommandInvocationIntrinsics commands, SecretReference secret)
    {
        try
        {
            return commands.InvokeScript(Script, useNewScope: true, PipelineResultTypes.None, null, secret.Name, secret.Vault);
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw new EtcdDrException(
                "SecretNotFound",
                EtcdDrErrorCategory.AuthenticationError,
                Errors.SecretNotFound.With(secret, e.Message.TrimEnd('.')),
                Errors.SecretNotFound_Action,
                secret.ToString(),
                e
            );
        }
    }

    private static SecureString? Hidden(object value)
    {
        switch (value)
        {
            case SecureString secure:
                return secure;
            case PSCredential credential:
                return credential.Password;
            case string text:
                var hidden = new SecureString();
                foreach (var c in text)
                {
                    hidden.AppendChar(c);
                }

                hidden.MakeReadOnly();
                return hidden;
            default:
                return null;
        }
    }
}
