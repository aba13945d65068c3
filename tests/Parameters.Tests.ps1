#requires -Version 7.6
# Parameters, pipeline binding, -WhatIf and -Confirm. Nothing here reaches a node.
[System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'What BeforeAll and BeforeDiscovery set is read by other blocks.')]
param()

BeforeDiscovery {
    Import-Module ($env:ETCDDR_MODULE ? $env:ETCDDR_MODULE : "$PSScriptRoot/../out/EtcdDr") -Force
    $writers = (Get-Command -Module EtcdDr -CommandType Cmdlet | Where-Object { $_.Parameters.ContainsKey('WhatIf') }).Name
    # Get-EtcdSnapshot's is a filter by name, with wildcards.
    $byCluster = (Get-Command -Module EtcdDr -CommandType Cmdlet | Where-Object { $_.Parameters.ContainsKey('Cluster') }).Name -ne 'Get-EtcdSnapshot'
}

Describe 'Parameters' {
    BeforeAll {
        Import-Module ($env:ETCDDR_MODULE ? $env:ETCDDR_MODULE : "$PSScriptRoot/../out/EtcdDr") -Force
        function Get-Attribute([string] $Command, [string] $Parameter) {
            (Get-Command $Command).Parameters[$Parameter].Attributes | Where-Object { $_ -is [System.Management.Automation.ParameterAttribute] }
        }
    }

    It '<_> has -Confirm as well as -WhatIf' -ForEach $writers {
        (Get-Command $_).Parameters.Keys | Should -Contain 'Confirm'
    }

    It '<_> asks before it works' -ForEach 'Restore-EtcdSnapshot', 'Undo-EtcdRestore', 'Complete-EtcdRestore', 'Stop-EtcdControlPlane', 'Remove-EtcdRestoreBackup', 'Remove-EtcdSnapshot', 'Remove-EtcdStage' {
        $attribute = (Get-Command $_).ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)
        "$($attribute.ConfirmImpact)" | Should -Be 'High'
    }

    It '<_> takes one cluster' -ForEach $byCluster {
        (Get-Command $_).Parameters['Cluster'].ParameterType.FullName | Should -Be 'EtcdDr.EtcdCluster'
    }

    # Test-EtcdSnapshot needs one for a drill on a node only; what this session has mounted is known without.
    It '<_> must be given its cluster' -ForEach ($byCluster -notmatch '^(Test-EtcdSnapshot|Get-EtcdMount|Dismount-EtcdSnapshot)$') {
        @(Get-Attribute $_ 'Cluster').Mandatory | Should -Contain $true
    }

    It '<Command> takes -<Parameter> from the pipeline' -ForEach @(
        @{ Command = 'New-EtcdSnapshot'; Parameter = 'Cluster' }
        @{ Command = 'Mount-EtcdSnapshot'; Parameter = 'Snapshot' }
        @{ Command = 'Dismount-EtcdSnapshot'; Parameter = 'Mount' }
        @{ Command = 'Get-EtcdStatus'; Parameter = 'Cluster' }
        @{ Command = 'Undo-EtcdRestore'; Parameter = 'Cluster' }
        @{ Command = 'Copy-EtcdSnapshot'; Parameter = 'Snapshot' }
        @{ Command = 'Test-EtcdSnapshot'; Parameter = 'Snapshot' }
        @{ Command = 'Restore-EtcdSnapshot'; Parameter = 'Snapshot' }
        @{ Command = 'Remove-EtcdSnapshot'; Parameter = 'Snapshot' }
        @{ Command = 'Compare-EtcdSnapshot'; Parameter = 'Snapshot' }
        @{ Command = 'Get-EtcdSnapshot'; Parameter = 'Path' }
    ) {
        (Get-Attribute $Command $Parameter).ValueFromPipeline | Should -Contain $true
    }

    It 'binds the line of the design: cluster, snapshot, copy, restore' {
        (Get-Command New-EtcdSnapshot).OutputType.Name | Should -Be 'EtcdDr.EtcdSnapshot'
        (Get-Command Copy-EtcdSnapshot).OutputType.Name | Should -Be 'EtcdDr.EtcdSnapshot'
        (Get-Command Restore-EtcdSnapshot).Parameters['Snapshot'].ParameterType.FullName | Should -Be 'EtcdDr.EtcdSnapshot'
    }

    It '<_> takes a path with wildcards, or one as it stands' -ForEach @(
        'Get-EtcdSnapshot', 'Test-EtcdSnapshot', 'Get-EtcdSnapshotKey', 'Measure-EtcdSnapshot', 'Export-EtcdSnapshotFile', 'Copy-EtcdSnapshot', 'Remove-EtcdSnapshot'
        'Restore-EtcdSnapshot', 'Compare-EtcdSnapshot', 'Test-ClusterMirror', 'New-EtcdSnapshot', 'Export-EtcdReport', 'ConvertFrom-EtcdMaaEnvironment'
    ) {
        $parameters = (Get-Command $_).Parameters
        $parameters['Path'].Attributes.TypeId.Name | Should -Contain 'SupportsWildcardsAttribute'
        $parameters['LiteralPath'].Aliases | Should -Contain 'PSPath'
        $parameters['LiteralPath'].ParameterSets.Keys | Should -Not -Contain 'Path'
    }

    It '<Old> is the name that <New> had' -ForEach @(
        @{ Old = 'Stop-ControlPlane'; New = 'Stop-EtcdControlPlane' }
        @{ Old = 'Start-ControlPlane'; New = 'Start-EtcdControlPlane' }
        @{ Old = 'Add-KubeApiAlias'; New = 'Add-EtcdApiAlias' }
        @{ Old = 'ConvertFrom-MaaEnvironment'; New = 'ConvertFrom-EtcdMaaEnvironment' }
    ) {
        (Get-Command $Old).ResolvedCommand.Name | Should -Be $New
    }

    It 'takes no secret as plain text' {
        $secrets = Get-Command -Module EtcdDr | ForEach-Object { $_.Parameters.Values } | Where-Object Name -Match 'Passphrase|Password|Credential'
        $secrets.Count | Should -BeGreaterOrEqual 1
        foreach ($secret in $secrets) {
            $secret.ParameterType | Should -Not -Be ([string])
        }
    }
}
