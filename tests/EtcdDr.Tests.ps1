#requires -Version 7.4
# The module as a user sees it. Pester 5 or 6; the module is the staged one, or the one that ETCDDR_MODULE names.

BeforeDiscovery {
    $script:module = $env:ETCDDR_MODULE ? $env:ETCDDR_MODULE : (Join-Path $PSScriptRoot '../out/EtcdDr')
    Import-Module $module -Force
    $script:commands = Get-Command -Module EtcdDr | ForEach-Object { @{ Name = $_.Name; Command = $_ } }
    $script:writers = $commands | Where-Object { $_.Command.Parameters.ContainsKey('WhatIf') }
}

Describe 'The module' {
    BeforeAll {
        $module = $env:ETCDDR_MODULE ? $env:ETCDDR_MODULE : (Join-Path $PSScriptRoot '../out/EtcdDr')
        Import-Module $module -Force
        $manifest = Test-ModuleManifest (Join-Path $module 'EtcdDr.psd1')
    }

    It 'is for PowerShell 7.4 and later, Core only' {
        $manifest.PowerShellVersion | Should -Be '7.4'
        $manifest.CompatiblePSEditions | Should -Be 'Core'
    }

    It 'exports what its manifest lists and nothing else' {
        (Get-Command -Module EtcdDr).Name | Sort-Object | Should -Be ($manifest.ExportedCmdlets.Keys | Sort-Object)
        (Get-Module EtcdDr).ExportedFunctions.Count | Should -Be 0
        (Get-Module EtcdDr).ExportedAliases.Count | Should -Be 0
    }

    It 'lets scripts name its types' {
        [EtcdDr.EtcdSnapshot].FullName | Should -Be 'EtcdDr.EtcdSnapshot'
    }

    It 'keeps its dependencies out of the default load context' {
        $default = [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | ForEach-Object { $_.GetName().Name }
        $default | Should -Not -Contain 'Renci.SshNet'
        $default | Should -Not -Contain 'KubernetesClient'
        $default | Should -Not -Contain 'EtcdDr.Engine'
    }

    It 'can be removed and imported again' {
        Remove-Module EtcdDr
        Get-Module EtcdDr | Should -BeNullOrEmpty
        Import-Module $module
        Get-Command -Module EtcdDr | Should -Not -BeNullOrEmpty
    }
}

Describe '<Name>' -ForEach $commands {
    It 'uses an approved verb' {
        (Get-Verb).Verb | Should -Contain $Command.Verb
    }

    It 'has help with a synopsis, a description and three examples' {
        $help = Get-Help $Name -Full
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Description | Should -Not -BeNullOrEmpty
        $help.Examples.Example.Count | Should -BeGreaterOrEqual 3
    }

    It 'tells of every parameter' {
        $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
        $help = (Get-Help $Name -Full).Parameters.Parameter
        foreach ($parameter in $Command.Parameters.Keys | Where-Object { $_ -notin $common }) {
            ($help | Where-Object Name -EQ $parameter).Description.Text | Should -Not -BeNullOrEmpty -Because "-$parameter is a parameter"
        }
    }
}

Describe 'What writes' {
    It '<Name> has -Confirm as well as -WhatIf' -ForEach $writers {
        $Command.Parameters.Keys | Should -Contain 'Confirm'
    }

    It '<_> asks before it works' -ForEach 'Restore-EtcdSnapshot', 'Undo-EtcdRestore' {
        $attribute = (Get-Command $_).ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)
        $attribute.ConfirmImpact | Should -Be 'High'
    }
}
