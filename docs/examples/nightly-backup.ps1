#Requires -Version 7.6
<#
.SYNOPSIS
Takes a snapshot, tests it, copies it, and removes old ones here and there; leaves results for CI and metrics for a monitoring.
.DESCRIPTION
Any failure ends it with exit code 1, before anything is removed. What was found is written before that, so that it can be published.
#>
[CmdletBinding()]
param(
    # The cluster in the profile.
    [string] $Cluster = 'primary',

    # Directory on this machine for snapshots.
    [Parameter(Mandatory)]
    [string] $Path,

    # Where copies go: [user@]host:/dir, or mounted directories.
    [Parameter(Mandatory)]
    [string[]] $Destination,

    # Directory for results: nightly.xml (JUnit) and nightly.html. None are written where it is left out.
    [string] $ResultsPath,

    # File for metrics, in the directory that a node exporter's textfile collector reads: etcddr_nightly.prom. None are written where it is left out.
    [string] $MetricsPath
)

$ErrorActionPreference = 'Stop'
Import-Module EtcdDr

$snapshot = Get-EtcdCluster $Cluster | New-EtcdSnapshot -Path $Path -Label 'nightly' -Confirm:$false
$checks = $snapshot | Test-EtcdSnapshot
$findings = @($checks | Where-Object -Not Success)

# A snapshot that is not whole is copied nowhere. The failure of one destination does not end the copy to another.
$copies = if (-not $findings) {
    $snapshot | Copy-EtcdSnapshot -Destination $Destination -Confirm:$false -ErrorAction Continue -ErrorVariable failed
}

if ($ResultsPath) {
    $snapshot, $checks, $copies | Export-EtcdReport "$ResultsPath/nightly.xml" -Title "Backup of $Cluster" -Force -Confirm:$false
    $snapshot, $checks, $copies | Export-EtcdReport "$ResultsPath/nightly.html" -Title "Backup of $Cluster" -Force -Confirm:$false
}

if ($findings) {
    throw "$($snapshot.Name): $($findings.Count) findings, so it was not copied and nothing was removed. $($findings.Message -join ' ')"
}

if ($failed) {
    throw "$($failed.Count) of $($Destination.Count) copies of $($snapshot.Name) failed; nothing was removed. $($failed -join ' ')"
}

$keep = @{ KeepLast = 7; KeepDaily = 14; KeepWeekly = 8; KeepLabel = 'before upgrade*' }
$places = @($Path) + $Destination
foreach ($place in $places) {
    Remove-EtcdSnapshot $place @keep -Confirm:$false
}

# What lies there now, and not what should. If the job fails earlier the old file stays, and its times grow old: that is what to alert by.
if ($MetricsPath) {
    @($places | ForEach-Object { Get-EtcdSnapshot $_ }) + $checks | Export-EtcdReport $MetricsPath -Format OpenMetrics -Force -Confirm:$false
}
