#requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests and packages EtcdDr. Needs the .NET 10 SDK and no PowerShell module.
.EXAMPLE
    ./build.ps1
    Builds the solution and stages the module to out/EtcdDr.
.EXAMPLE
    ./build.ps1 Test
    Runs dotnet test, and the Pester files where Pester 5 or 6 is installed.
.EXAMPLE
    ./build.ps1 Package
    Makes artifacts/EtcdDr-<version>.zip from a Release build.
.EXAMPLE
    ./build.ps1 Lab drill --etcd 3.5
    Runs the lab; what follows is passed on to it.
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Package', 'Lab')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    [Parameter(Position = 1, ValueFromRemainingArguments)]
    [string[]] $Arguments = @()
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3

function Invoke-Dotnet {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $($args[0]) failed with exit code $LASTEXITCODE."
    }
}

function Invoke-Build {
    Invoke-Dotnet build "$PSScriptRoot/EtcdDr.sln" --configuration $Configuration --nologo
}

function Invoke-Test {
    Invoke-Dotnet test "$PSScriptRoot/EtcdDr.sln" --configuration $Configuration --nologo
    $pester = Get-Module -ListAvailable -Name Pester | Where-Object Version -ge '5.0' | ForEach-Object Version
    if (-not $pester) {
        'Pester 5 or 6 is not installed: the Pester files were not run.'
        return
    }

    Import-Module Pester -MinimumVersion 5.0
    $result = Invoke-Pester -Path "$PSScriptRoot/tests" -ExcludeTag Lab -PassThru
    if ($result.Result -ne 'Passed') {
        throw "$($result.FailedCount) Pester tests failed."
    }
}

# The same bytes for the same source: files in order of their names, all with the time of the zip format's beginning.
function New-Zip([string] $Directory, [string] $Path) {
    [void] [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($Path))
    [IO.File]::Delete($Path)
    $names = [string[]] [IO.Directory]::GetFiles($Directory, '*', 'AllDirectories')
    [array]::Sort($names, [StringComparer]::Ordinal)
    $zip = [IO.Compression.ZipFile]::Open($Path, 'Create')
    try {
        foreach ($name in $names) {
            $relative = [IO.Path]::GetRelativePath($Directory, $name).Replace('\', '/')
            $entry = $zip.CreateEntry("EtcdDr/$relative", 'Optimal')
            $entry.LastWriteTime = [DateTimeOffset]::new(1980, 1, 1, 0, 0, 0, [timespan]::Zero)
            $stream = $entry.Open()
            try {
                $stream.Write([IO.File]::ReadAllBytes($name))
            }
            finally {
                $stream.Dispose()
            }
        }
    }
    finally {
        $zip.Dispose()
    }
}

function Invoke-Package {
    if ([IO.Directory]::Exists("$PSScriptRoot/out/EtcdDr")) {
        [IO.Directory]::Delete("$PSScriptRoot/out/EtcdDr", $true)
    }

    Invoke-Dotnet build "$PSScriptRoot/src/EtcdDr/EtcdDr.csproj" --configuration Release --nologo
    $version = (Test-ModuleManifest "$PSScriptRoot/out/EtcdDr/EtcdDr.psd1").Version
    $path = "$PSScriptRoot/artifacts/EtcdDr-$version.zip"
    New-Zip "$PSScriptRoot/out/EtcdDr" $path
    $path
}

if ($Arguments.Count -gt 0 -and $Task -ne 'Lab') {
    throw "Task $Task takes no arguments: $($Arguments -join ' ')"
}

switch ($Task) {
    'Build' { Invoke-Build }
    'Test' { Invoke-Test }
    'Package' { Invoke-Package }
    'Lab' { Invoke-Dotnet run --project "$PSScriptRoot/tests/EtcdDr.Lab" '--' @Arguments }
}
