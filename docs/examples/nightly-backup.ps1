#Requires -Version 7.4
<#
.SYNOPSIS
Takes a snapshot, tests it, copies it, and removes old ones here and there. Any failure ends it with exit code 1, before anything is removed.
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
    [string[]] $Destination
)

$ErrorActionPreference = 'Stop'
Import-Module EtcdDr

$snapshot = Get-EtcdCluster $Cluster | New-EtcdSnapshot -Path $Path -Label 'nightly' -Confirm:$false
$snapshot | Test-EtcdSnapshot -FailOnFinding | Format-Table Check, Success, Message -Wrap

# The failure of one destination must not end the copy to another.
$snapshot | Copy-EtcdSnapshot -Destination $Destination -Confirm:$false -ErrorAction Continue -ErrorVariable failed
if ($failed) {
    throw "$($failed.Count) of $($Destination.Count) copies of $($snapshot.Name) failed; nothing was removed."
}

$keep = @{ KeepLast = 7; KeepDaily = 14; KeepWeekly = 8; KeepLabel = 'before upgrade*' }
foreach ($place in @($Path) + $Destination) {
    Remove-EtcdSnapshot $place @keep -Confirm:$false
}
