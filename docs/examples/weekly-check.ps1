#Requires -Version 7.6
<#
.SYNOPSIS
Asks whether the secondary could take over, and restores the newest snapshot for a drill; leaves results for CI and metrics for a monitoring.
.DESCRIPTION
The drill is a throwaway etcd on this machine. With -RestoreIntoSecondary the snapshot is also restored into the secondary, compared and undone: the
secondary's API is away twice for some seconds. Any failure ends it with exit code 1, after results were written.
#>
[CmdletBinding()]
param(
    # The clusters in the profile.
    [string] $Primary = 'primary',
    [string] $Secondary = 'secondary',

    # Where snapshots are: a directory of this machine, or [user@]host:/dir.
    [Parameter(Mandatory)]
    [string] $Path,

    # Directory that holds etcd and etcdutl of the snapshot's minor version; PATH where it is left out.
    [string] $ToolPath,

    # Restore into the secondary too, compare, and undo.
    [switch] $RestoreIntoSecondary,

    # Directory for results: weekly.xml (JUnit) and weekly.html. None are written where it is left out.
    [string] $ResultsPath,

    # File for metrics: etcddr_weekly.prom, beside the nightly one; it holds other series. None are written where it is left out.
    [string] $MetricsPath
)

$ErrorActionPreference = 'Stop'
Import-Module EtcdDr

$from, $to = Get-EtcdCluster $Primary, $Secondary
$snapshot = Get-EtcdSnapshot $Path -Latest
if (-not $snapshot) {
    throw "There is no snapshot in $Path."
}

$problems = @()
$tools = if ($ToolPath) { @{ ToolPath = $ToolPath } } else { @{} }
$members = $from, $to | Get-EtcdStatus
$mirror = Test-ClusterMirror $from $to
$drill = $snapshot | Test-EtcdSnapshot -Drill @tools
$done = @($members) + $mirror + $drill

if ($members.Healthy -contains $false) { $problems += 'etcd is not healthy everywhere' }
if ($mirror.Status -contains 'Fail') { $problems += 'the secondary is not fit to take over' }
if ($drill.Success -contains $false) { $problems += 'the snapshot has findings' }

if ($RestoreIntoSecondary -and -not $problems) {
    $restore = $snapshot | Restore-EtcdSnapshot -Cluster $to -Confirm:$false
    $differences = @($snapshot | Compare-EtcdSnapshot -Cluster $to -Summary)
    $undo = $to | Undo-EtcdRestore -LogPath ([IO.Path]::GetTempPath()) -Confirm:$false
    $done += @($restore, $undo) + $differences
    if ($restore.State -ne 'Completed') { $problems += $restore.Message }
    if ($undo.State -ne 'Undone') { $problems += $undo.Message }
    if ($differences | Where-Object { $_.Missing -or $_.Changed }) { $problems += 'the secondary did not hold what the snapshot holds' }
}

if ($ResultsPath) {
    @($snapshot) + $done | Export-EtcdReport "$ResultsPath/weekly.xml" -Title "Check of $Secondary" -Force -Confirm:$false
    @($snapshot) + $done | Export-EtcdReport "$ResultsPath/weekly.html" -Title "Check of $Secondary" -Force -Confirm:$false
}

# The nightly job tells of snapshots and their checks; a series must not stand in two files of one collector.
if ($MetricsPath) {
    @($done) + @($to | Get-EtcdStage) | Where-Object { $_ -isnot [EtcdDr.EtcdSnapshotTest] -or $_.Check -eq 'Drill' } |
        Export-EtcdReport $MetricsPath -Format OpenMetrics -Force -Confirm:$false
}

if ($problems) {
    throw "Not ready for a disaster: $($problems -join '; ')."
}
