#requires -Version 7.6
# Profiles as a user writes, finds and checks them. No cluster is needed; Get-Secret is a stand-in, since Microsoft.PowerShell.SecretManagement is in no registry here.
[System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'What BeforeAll and BeforeDiscovery set is read by other blocks.')]
param()

Describe 'A profile' {
    BeforeAll {
        Import-Module ($env:ETCDDR_MODULE ? $env:ETCDDR_MODULE : "$PSScriptRoot/../out/EtcdDr") -Force
        $kubeconfig = '{current-context: c, clusters: [{name: k, cluster: {server: "https://127.0.0.1:1"}}], contexts: [{name: c, context: {cluster: k}}]}'
        [System.IO.File]::WriteAllText("$TestDrive/kube.conf", $kubeconfig)
        function Write-Profile([string] $Name, [string] $Text) {
            [System.IO.File]::WriteAllText("$TestDrive/$Name", $Text)
            "$TestDrive/$Name"
        }
    }

    It 'is written from a kubeconfig and a user, found, and in order' {
        $written = New-EtcdProfile "$TestDrive/kube.conf" opc -Name dr -ProfilePath "$TestDrive/new/etcddr.yaml"
        $written | Should -BeOfType [EtcdDr.EtcdProfileInfo]
        $found = Get-EtcdProfile "$TestDrive/new/etcddr.yaml"
        $found.Clusters | Should -Be 'dr'
        $found.Source | Should -Be 'Parameter'
        $checks = Test-EtcdProfile "$TestDrive/new/etcddr.yaml"
        ($checks | Where-Object { -not $_.Success }).Count | Should -Be 0
        (Get-EtcdCluster dr -ProfilePath "$TestDrive/new/etcddr.yaml").Ssh.User | Should -Be 'opc'
    }

    It 'is not replaced without -Force, nor written under -WhatIf' {
        $path = Write-Profile -Name 'kept.yaml' -Text 'clusters: {}'
        { New-EtcdProfile "$TestDrive/kube.conf" opc -ProfilePath $path -ErrorAction Stop } | Should -Throw -ErrorId 'ProfileExists*'
        New-EtcdProfile "$TestDrive/kube.conf" opc -ProfilePath $path -Force -WhatIf
        [System.IO.File]::ReadAllText($path) | Should -Be 'clusters: {}'
    }

    It 'shows all that is wrong in it, each with its remedy' {
        $text = 'clusters: {a: {kubeconfig: kube.conf, context: none, ssh: {keyFile: nokey, jumpHosts: ["x:y"], passwordEnv: ETCDDR_NOT_SET}}, b: {kubeconfig: nowhere.conf}}'
        $wrong = Test-EtcdProfile (Write-Profile -Name 'wrong.yaml' -Text $text) | Where-Object { -not $_.Success }
        $wrong.ErrorId | Should -Be @('KubeContextNotFound', 'KeyFileNotFound', 'JumpHostInvalid', 'ProfileSecretNotSet', 'KubeconfigNotFound')
        foreach ($finding in $wrong) {
            $finding.Remedy | Should -Not -BeNullOrEmpty
        }
    }

    It 'that cannot be read is a finding, and fails a step with -FailOnFinding' {
        $path = Write-Profile -Name 'broken.yaml' -Text 'clusters: {a: {kubeconfg: x}}'
        (Test-EtcdProfile $path | Where-Object { -not $_.Success }).ErrorId | Should -Be 'ProfileInvalid'
        { Test-EtcdProfile $path -FailOnFinding } | Should -Throw -ErrorId 'ProfileFindings*'
    }

    It 'names secrets of a vault, which Get-Secret gives' {
        function Get-Secret {
            [CmdletBinding()]
            param([string] $Name, [string] $Vault)
            if ($Name -ne 'sudo/dr') { throw "no secret $Name in $Vault" }
            $secret = [System.Security.SecureString]::new()
            "$Vault-1".ToCharArray() | ForEach-Object { $secret.AppendChar($_) }
            $secret
        }

        $path = Write-Profile -Name 'vault.yaml' -Text 'clusters: {a: {kubeconfig: kube.conf, ssh: {sudoPasswordSecret: ops/sudo/dr}}, b: {kubeconfig: kube.conf, ssh: {passwordSecret: other}}}'
        $failed = $null
        $clusters = Get-EtcdCluster -ProfilePath $path -ErrorAction SilentlyContinue -ErrorVariable failed
        $clusters.Name | Should -Be 'a'
        $failed[0].FullyQualifiedErrorId | Should -Be 'SecretNotFound,EtcdDr.Commands.GetEtcdClusterCommand'
        $property = [EtcdDr.SshSettings].GetProperty('SudoPassword', [System.Reflection.BindingFlags] 'Instance, NonPublic')
        [System.Net.NetworkCredential]::new('', $property.GetValue($clusters.Ssh)).Password | Should -Be 'ops-1'
    }

    It 'that names a secret where nothing asks vaults says what to install' {
        $path = Write-Profile -Name 'novault.yaml' -Text 'clusters: {a: {kubeconfig: kube.conf, ssh: {keyPassphraseSecret: key}}}'
        $failed = $null
        Get-EtcdCluster a -ProfilePath $path -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -Be 'SecretCommandNotFound,EtcdDr.Commands.GetEtcdClusterCommand'
        $failed[0].ErrorDetails.RecommendedAction | Should -Match 'SecretManagement'
    }
}
