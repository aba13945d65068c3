namespace EtcdDr.PowerShell;

/// <summary>Runs a script file in a process of its own: <c>EtcdDr.PowerShell script.ps1</c>.</summary>
public static class Program
{
    public static async Task<int> Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (args.Length != 1)
        {
            await Console.Error.WriteLineAsync("usage: EtcdDr.PowerShell <script.ps1>");
            return 2;
        }

        var result = await PowerShellHost.RunScriptAsync(args[0], new ScriptOptions { ShowProgress = !Console.IsOutputRedirected });
        return result.ExitCode;
    }
}
