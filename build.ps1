#requires -Version 7.6
<#
.SYNOPSIS
    Builds, tests and packages EtcdDr. Needs the .NET 10 SDK and no PowerShell module.
.EXAMPLE
    ./build.ps1
    Builds the solution and stages the module to out/EtcdDr.
.EXAMPLE
    ./build.ps1 Test
    Runs dotnet test, which runs the Pester files too.
.EXAMPLE
    ./build.ps1 Package
    Makes from a Release build, in artifacts: EtcdDr.<version>.nupkg for a PowerShell gallery, EtcdDr-<version>.zip for machines without one,
    the bill of materials (CycloneDX) and the sums.
.EXAMPLE
    ./build.ps1 TestPackage
    Packs as above and runs all tests, the lab's too, with the module out of the zip.
.EXAMPLE
    ./build.ps1 Lab drill --etcd 3.5
    Runs the lab; what follows is passed on to it.
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Package', 'TestPackage', 'Lab')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    [Parameter(Position = 1, ValueFromRemainingArguments)]
    [string[]] $Arguments = @()
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3

function Invoke-Dotnet([string[]] $Command) {
    & dotnet @Command
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $($Command[0]) failed with exit code $LASTEXITCODE."
    }
}

function Invoke-Build([string] $Configuration) {
    Invoke-Dotnet -Command 'build', "$PSScriptRoot/EtcdDr.sln", '--configuration', $Configuration, '--nologo'
}

function Invoke-Test([string] $Configuration) {
    Invoke-Dotnet -Command 'test', "$PSScriptRoot/EtcdDr.sln", '--configuration', $Configuration, '--nologo'
}

# The packager writes the same bytes for the same source, SDK and system; it needs no PowerShell, so tests run it too.
function Invoke-Package {
    if ([IO.Directory]::Exists("$PSScriptRoot/out/EtcdDr")) {
        [IO.Directory]::Delete("$PSScriptRoot/out/EtcdDr", $true)
    }

    Invoke-Dotnet -Command 'build', "$PSScriptRoot/src/EtcdDr/EtcdDr.csproj", '--configuration', 'Release', '--nologo', '-p:CompileAhead=true'
    $packager = 'run', '--project', "$PSScriptRoot/tools/EtcdDr.Packager", '--configuration', 'Release', '--'
    Invoke-Dotnet -Command ($packager + "$PSScriptRoot/out/EtcdDr" + "$PSScriptRoot/src/EtcdDr.Engine/obj/project.assets.json" + "$PSScriptRoot/artifacts")
}

function Invoke-TestPackage([string] $Configuration) {
    Invoke-Package
    $unpacked = "$PSScriptRoot/artifacts/unpacked"
    if ([IO.Directory]::Exists($unpacked)) {
        [IO.Directory]::Delete($unpacked, $true)
    }

    $zip = [IO.Directory]::GetFiles("$PSScriptRoot/artifacts", 'EtcdDr-*.zip') | Sort-Object -Property { [IO.File]::GetLastWriteTimeUtc($_) } | Select-Object -Last 1
    [IO.Compression.ZipFile]::ExtractToDirectory($zip, $unpacked)
    $env:ETCDDR_MODULE = "$unpacked/EtcdDr"
    try {
        Invoke-Test -Configuration $Configuration
    }
    finally {
        $env:ETCDDR_MODULE = $null
    }
}

if ($Arguments.Count -gt 0 -and $Task -ne 'Lab') {
    throw "Task $Task takes no arguments: $($Arguments -join ' ')"
}

switch ($Task) {
    'Build' { Invoke-Build -Configuration $Configuration }
    'Test' { Invoke-Test -Configuration $Configuration }
    'Package' { Invoke-Package }
    'TestPackage' { Invoke-TestPackage -Configuration $Configuration }
    'Lab' { Invoke-Dotnet -Command (@('run', '--project', "$PSScriptRoot/tests/EtcdDr.Lab", '--') + $Arguments) }
}
