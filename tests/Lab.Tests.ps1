#requires -Version 7.6
# On two clusters: those of `dotnet run --project tests/EtcdDr.Lab -- up`, with its profile in ETCDDR_PROFILE. Writes nothing but a snapshot below TestDrive.
[System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'What BeforeAll and BeforeDiscovery set is read by other blocks.')]
param()

Describe 'Two clusters' -Tag Lab {
    BeforeAll {
        Import-Module ($env:ETCDDR_MODULE ? $env:ETCDDR_MODULE : "$PSScriptRoot/../out/EtcdDr") -Force
        $primary = Get-EtcdCluster primary
        $secondary = Get-EtcdCluster secondary
        $snapshot = New-EtcdSnapshot $primary "$TestDrive/backups" -Label 'pester' -Confirm:$false
    }

    It 'have healthy members and one leader each' {
        foreach ($cluster in $primary, $secondary) {
            $members = $cluster | Get-EtcdStatus
            ($members | Where-Object Healthy).Count | Should -Be $members.Count
            @($members | Where-Object IsLeader).Count | Should -Be 1
        }
    }

    It 'give a snapshot that passes its tests' {
        $snapshot | Test-EtcdSnapshot | Where-Object { "$($_.Severity)" -eq 'Error' } | Should -BeNullOrEmpty
    }

    It 'give a snapshot whose inventory is the cluster''s' {
        $differences = $snapshot | Compare-EtcdSnapshot -Cluster $primary
        $differences | Where-Object { "$($_.Change)" -eq 'Missing' } | Should -BeNullOrEmpty
    }

    It 'are checked against each other' {
        Test-ClusterMirror $primary $secondary | Should -Not -BeNullOrEmpty
    }

    It 'show the plan of a restore and leave everything as it is under -WhatIf' {
        $before = ($secondary | Get-EtcdStatus).ClusterId
        $plan = $snapshot | Restore-EtcdSnapshot -Cluster $secondary -WhatIf -PassThru
        $plan | Should -BeOfType [EtcdDr.RestorePlan]
        ($secondary | Get-EtcdStatus).ClusterId | Should -Be $before
    }
}
