#requires -Version 7.6
# The module as a user sees it: import, exports, help, isolation. Pester 5 or 6; the module is the staged one, or the one that ETCDDR_MODULE names.
[System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'What BeforeAll and BeforeDiscovery set is read by other blocks.')]
param()

BeforeDiscovery {
    Import-Module ($env:ETCDDR_MODULE ? $env:ETCDDR_MODULE : "$PSScriptRoot/../out/EtcdDr") -Force
    # Names, not live objects: Pester 6 expands whatever a test's name is made from.
    $names = (Get-Command -Module EtcdDr -CommandType Cmdlet).Name
}

Describe 'The module' {
    BeforeAll {
        $module = $env:ETCDDR_MODULE ? $env:ETCDDR_MODULE : "$PSScriptRoot/../out/EtcdDr"
        Import-Module $module -Force
        $manifest = Test-ModuleManifest "$module/EtcdDr.psd1"
    }

    It 'is for PowerShell 7.6 and later, Core only' {
        "$($manifest.PowerShellVersion)" | Should -Be '7.6'
        $manifest.CompatiblePSEditions | Should -Be 'Core'
    }

    It 'exports what its manifest lists and nothing else' {
        (Get-Command -Module EtcdDr -CommandType Cmdlet).Name | Sort-Object | Should -Be ($manifest.ExportedCmdlets.Keys | Sort-Object)
        (Get-Module EtcdDr).ExportedFunctions.Count | Should -Be 0
        (Get-Module EtcdDr).ExportedAliases.Keys | Sort-Object | Should -Be ($manifest.ExportedAliases.Keys | Sort-Object)
    }

    It 'uses approved verbs only, so that the import warns of nothing' {
        Import-Module $module -Force -WarningVariable warnings
        $warnings.Count | Should -Be 0
    }

    It 'lets scripts name its types' {
        [EtcdDr.EtcdSnapshot].FullName | Should -Be 'EtcdDr.EtcdSnapshot'
    }

    It 'can be removed and imported again' {
        Remove-Module EtcdDr
        Get-Module EtcdDr | Should -BeNullOrEmpty
        Import-Module $module
        Get-Command -Module EtcdDr | Should -Not -BeNullOrEmpty
    }
}

Describe 'Isolation' {
    BeforeAll {
        $module = $env:ETCDDR_MODULE ? $env:ETCDDR_MODULE : "$PSScriptRoot/../out/EtcdDr"
        Import-Module $module -Force
        $engine = [System.Reflection.Assembly]::Load('EtcdDr.Engine')
        $context = [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($engine)
        $default = [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | ForEach-Object { $_.GetName().Name }
    }

    It 'has its engine in a load context of its own' {
        $context.Name | Should -Be 'EtcdDr'
    }

    It 'keeps <_> out of the default load context' -ForEach 'EtcdDr.Engine', 'Renci.SshNet', 'KubernetesClient', 'BouncyCastle.Cryptography', 'Grpc.Net.Client', 'dotnet-etcd' {
        $default | Should -Not -Contain $_
    }

    It 'finds its own <_>, whichever another module brings' -ForEach 'YamlDotNet', 'Google.Protobuf' {
        $mine = $context.LoadFromAssemblyName([System.Reflection.AssemblyName]::new($_))
        $mine.Location | Should -Match 'engine'
    }
}

Describe 'Help of <_>' -ForEach $names {
    BeforeAll {
        $help = Get-Help $_ -Full
        $command = Get-Command $_
    }

    It 'has a synopsis, a description and three examples' {
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Description | Should -Not -BeNullOrEmpty
        $help.Examples.Example.Count | Should -BeGreaterOrEqual 3
    }

    It 'tells of every parameter' {
        $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
        foreach ($parameter in $command.Parameters.Keys | Where-Object { $_ -notin $common }) {
            $told = $help.Parameters.Parameter | Where-Object Name -EQ $parameter
            $told.Description.Text | Should -Not -BeNullOrEmpty -Because "-$parameter is a parameter"
        }
    }

    It 'has a page to open with -Online' {
        $help.RelatedLinks.NavigationLink[0].Uri | Should -Match '^https://'
    }
}

Describe 'About <_>' -ForEach 'about_EtcdDr', 'about_EtcdDr_Profiles', 'about_EtcdDr_Restore', 'about_EtcdDr_Security', 'about_EtcdDr_CI' {
    It 'is in the help' {
        $module = $env:ETCDDR_MODULE ? $env:ETCDDR_MODULE : "$PSScriptRoot/../out/EtcdDr"
        [System.IO.File]::ReadAllText("$module/en-US/$_.help.txt") | Should -Match 'TOPIC'
    }
}
