using System.Management.Automation.Runspaces;

namespace EtcdDr.PowerShell;

/// <summary>
/// Small stand-ins for commands of the Utility and Management modules, which come with pwsh and not with its NuGet package. They do what scripts of
/// the lab and the tests need and no more.
/// </summary>
internal static class ConsoleFunctions
{
    public static IReadOnlyList<SessionStateCommandEntry> All { get; } =
    [
        new SessionStateCmdletEntry("Format-Table", typeof(FormatTableCommand), null),
        new SessionStateCmdletEntry("Format-List", typeof(FormatListCommand), null),
        new SessionStateCmdletEntry("ConvertTo-Json", typeof(ConvertToJsonCommand), null),
        new SessionStateAliasEntry("ft", "Format-Table"),
        new SessionStateAliasEntry("fl", "Format-List"),
        Function("Write-Output", "param([Parameter(ValueFromPipeline)] $InputObject) process { $InputObject }"),
        Function("Write-Host", "param([Parameter(Position = 0, ValueFromPipeline)] $Object, $ForegroundColor, $BackgroundColor) process { $Host.UI.WriteLine(\"$Object\") }"),
        Function("Write-Verbose", "[CmdletBinding()] param([Parameter(Position = 0)] [string] $Message) $PSCmdlet.WriteVerbose($Message)"),
        Function("Write-Warning", "[CmdletBinding()] param([Parameter(Position = 0)] [string] $Message) $PSCmdlet.WriteWarning($Message)"),
        Function("Get-Content", "param([Parameter(Position = 0)] [string] $Path, [switch] $Raw) $p = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path); if ($Raw) { [IO.File]::ReadAllText($p) } else { [IO.File]::ReadAllLines($p) }"),
        Function("Set-Content", "param([Parameter(Position = 0)] [string] $Path, [Parameter(Position = 1, ValueFromPipeline)] $Value) begin { $all = @() } process { $all += $Value } end { [IO.File]::WriteAllLines($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path), [string[]] $all) }"),
        Function("Test-Path", "param([Parameter(Position = 0)] [string] $Path) $p = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path); [IO.File]::Exists($p) -or [IO.Directory]::Exists($p)"),
        Function("Join-Path", "param([string] $Path, [string] $ChildPath) [IO.Path]::Combine($Path, $ChildPath)"),
        Function("Get-Date", "[datetime]::Now"),
        Function("Set-Location", "param([string] $Path) [void] $ExecutionContext.SessionState.Path.SetLocation($Path)"),
        Function("Get-Location", "$ExecutionContext.SessionState.Path.CurrentLocation"),
        Function("Get-Process", "param([int] $Id) [Diagnostics.Process]::GetProcessById($Id)"),
        Function("Measure-Command", "param([scriptblock] $Expression) $watch = [Diagnostics.Stopwatch]::StartNew(); $null = . $Expression; $watch.Elapsed"),
        Function("Sort-Object", SortObject),
        Function("Select-Object", SelectObject),
    ];

    private const string SortObject =
        """
        param([Parameter(Position = 0)] $Property, [switch] $Descending, [Parameter(ValueFromPipeline)] $InputObject)
        begin { $all = [Collections.Generic.List[object]]::new() }
        process { $all.Add($InputObject) }
        end {
            $key = { param($o) if ($null -eq $Property) { $o } elseif ($Property -is [scriptblock]) { $o | ForEach-Object $Property } else { $o.$Property } }
            $sorted = [Linq.Enumerable]::OrderBy([object[]] $all, [Func[object, object]] { param($o) & $key $o })
            $sorted = @($sorted)
            if ($Descending) { [array]::Reverse($sorted) }
            $sorted
        }
        """;

    private const string SelectObject =
        """
        param([Parameter(Position = 0)] [string[]] $Property, [int] $First = -1, [int] $Last = -1, [string] $ExpandProperty, [Parameter(ValueFromPipeline)] $InputObject)
        begin { $all = [Collections.Generic.List[object]]::new() }
        process { $all.Add($InputObject) }
        end {
            $chosen = @($all)
            if ($First -ge 0) { $chosen = @([Linq.Enumerable]::Take([object[]] $chosen, $First)) }
            if ($Last -ge 0) { $chosen = @([Linq.Enumerable]::TakeLast([object[]] $chosen, $Last)) }
            foreach ($item in $chosen) {
                if ($ExpandProperty) { $item.$ExpandProperty }
                elseif ($Property) {
                    $row = [ordered] @{}
                    foreach ($name in $Property) { $row[$name] = $item.$name }
                    [pscustomobject] $row
                }
                else { $item }
            }
        }
        """;

    private static SessionStateFunctionEntry Function(string name, string body) => new(name, body);
}
