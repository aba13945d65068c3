#requires -Version 7.6
# What the cmdlets do with snapshots on this machine: objects, errors, -WhatIf, completion, views. No cluster is needed.

Describe 'Snapshots of the MAA scripts on this machine' {
    BeforeAll {
        Import-Module ($env:ETCDDR_MODULE ? $env:ETCDDR_MODULE : "$PSScriptRoot/../out/EtcdDr") -Force
        function Add-Backup([string] $Directory, [string] $Name, [string] $Label) {
            $path = "$Directory/$Name"
            [void] [System.IO.Directory]::CreateDirectory("$path/m1")
            [System.IO.File]::WriteAllText("$path/mnode.log", "m1`n")
            [System.IO.File]::WriteAllText("$path/wnode.log", "w1`n")
            [System.IO.File]::WriteAllText("$path/etcd_master.log", "m1`n")
            [System.IO.File]::WriteAllText("$path/backup_label.txt", "$Label`n")
            [System.IO.File]::WriteAllText("$path/sa.key", 'private')
            [System.IO.File]::WriteAllText("$path/sa.pub", 'public')
            [System.IO.File]::WriteAllBytes("$path/m1/etcd-snapshot-m1.db", [byte[]]::new(4096))
        }

        $directory = "$TestDrive/backups"
        Add-Backup -Directory $directory -Name 'etcd_snapshot_2026-11-21_10-00-00' -Label 'after installation'
        Add-Backup -Directory $directory -Name 'etcd_snapshot_2026-11-22_10-00-00' -Label 'nightly'
    }

    It 'are listed, oldest first' {
        (Get-EtcdSnapshot $directory).Label | Should -Be @('after installation', 'nightly')
    }

    It 'are chosen by name, wildcard and age' {
        (Get-EtcdSnapshot $directory -Name '*11-21*').Label | Should -Be 'after installation'
        (Get-EtcdSnapshot $directory -Latest).Label | Should -Be 'nightly'
    }

    It 'are chosen by label and by time' {
        (Get-EtcdSnapshot $directory -Label 'night*').Name | Should -Be 'etcd_snapshot_2026-11-22_10-00-00'
        (Get-EtcdSnapshot $directory -After ([datetime]::new(2026, 11, 21, 12, 0, 0, [System.DateTimeKind]::Utc))).Label | Should -Be 'nightly'
        (Get-EtcdSnapshot $directory -Before ([datetime]::new(2026, 11, 21, 12, 0, 0, [System.DateTimeKind]::Utc))).Label | Should -Be 'after installation'
        (Get-EtcdSnapshot $directory -First 1).Label | Should -Be 'after installation'
        Get-EtcdSnapshot $directory -Cluster 'another' | Should -BeNullOrEmpty
    }

    It 'are found by paths with wildcards, and by paths that only look as if they had some' {
        (Get-EtcdSnapshot "$directory/*11-22*").Label | Should -Be 'nightly'
        Add-Backup -Directory "$TestDrive/odd[1]" -Name 'etcd_snapshot_2026-11-20_10-00-00' -Label 'odd'
        (Get-EtcdSnapshot -LiteralPath "$TestDrive/odd[1]").Label | Should -Be 'odd'
        { Get-EtcdSnapshot "$TestDrive/odd[1]" -ErrorAction Stop } | Should -Throw -ErrorId 'PathNotFound*'
    }

    It 'are checked each for itself: one that is not there leaves the others' {
        $failed = $null
        $tests = Test-EtcdSnapshot "$directory/etcd_snapshot_2026-11-21_10-00-00", "$TestDrive/nowhere", "$directory/etcd_snapshot_2026-11-22_10-00-00" -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'SnapshotFileMissing,EtcdDr.Commands.TestEtcdSnapshotCommand'
        @([System.Linq.Enumerable]::Distinct([string[]] $tests.Snapshot)).Count | Should -Be 2
    }

    It 'are found by what Get-Item gives' -Tag Console {
        (Get-Item $directory | Get-EtcdSnapshot).Count | Should -Be 2
        @(Get-ChildItem $directory | Test-EtcdSnapshot).Count | Should -BeGreaterOrEqual 2
    }

    It 'bind again after they were a file' -Tag Console {
        Get-EtcdSnapshot $directory -Latest | Export-Clixml "$TestDrive/snapshot.xml"
        $tests = Import-Clixml "$TestDrive/snapshot.xml" | Test-EtcdSnapshot
        $tests[0] | Should -BeOfType [EtcdDr.EtcdSnapshotTest]
        $kubeconfig = '{current-context: c, clusters: [{name: k, cluster: {server: "https://127.0.0.1:1"}}], contexts: [{name: c, context: {cluster: k}}]}'
        [System.IO.File]::WriteAllText("$TestDrive/clixml.conf", $kubeconfig)
        Get-EtcdCluster dr -Kubeconfig "$TestDrive/clixml.conf" -SshUser opc -JumpHost 'a', 'b' -NodeAddress @{ m1 = '10.0.0.1' } | Export-Clixml "$TestDrive/cluster.xml"
        function Get-Bound([EtcdDr.Commands.ClusterByName()] [EtcdDr.EtcdCluster] $Cluster) { $Cluster }
        $bound = Get-Bound (Import-Clixml "$TestDrive/cluster.xml")
        $bound.Ssh.User | Should -Be 'opc'
        $bound.Ssh.JumpHosts | Should -Be @('a', 'b')
        $bound.NodeAddresses['m1'] | Should -Be '10.0.0.1'
        "$($bound.Server)" | Should -Be 'https://127.0.0.1:1/'
    }

    It 'are the same under <_>' -ForEach 'th-TH', 'tr-TR' {
        $thread = [System.Threading.Thread]::CurrentThread
        $culture = $thread.CurrentCulture
        try {
            $thread.CurrentCulture = $_
            $copy = Get-EtcdSnapshot $directory -Latest | Copy-EtcdSnapshot -Destination "$TestDrive/$_" -Confirm:$false
            $copy.Name | Should -Be 'etcd_snapshot_2026-11-22_10-00-00'
            $copy.Created.ToString('o', [cultureinfo]::InvariantCulture) | Should -Be '2026-11-22T10:00:00.0000000Z'
            @(Test-EtcdSnapshot "$TestDrive/$_").Count | Should -BeGreaterOrEqual 2
            Remove-EtcdSnapshot "$TestDrive/$_" -KeepLast 1 -Confirm:$false
        }
        finally {
            $thread.CurrentCulture = $culture
        }
    }

    It 'come from paths of the pipeline' {
        ($directory | Get-EtcdSnapshot).Count | Should -Be 2
    }

    It 'have times in UTC and sizes in bytes' {
        $snapshot = Get-EtcdSnapshot $directory -Latest
        "$($snapshot.Created.Kind)" | Should -Be 'Utc'
        $snapshot.DbSize | Should -Be 4096
        $snapshot.Size | Should -BeOfType [long]
    }

    It 'are not removed under -WhatIf' {
        Remove-EtcdSnapshot $directory -KeepLast 1 -WhatIf
        (Get-EtcdSnapshot $directory).Count | Should -Be 2
    }

    It 'are kept by the rules of the place in the profile' {
        $place = "$TestDrive/ruled"
        Get-EtcdSnapshot $directory | Copy-EtcdSnapshot -Destination $place -Confirm:$false
        Set-Content "$TestDrive/ruled.yaml" "clusters: {c: {kubeconfig: k}}`nplaces: {here: {path: ruled, keep: {last: 1}}}"
        Remove-EtcdSnapshot -KeepByProfile -Place here -ProfilePath "$TestDrive/ruled.yaml" -Confirm:$false
        (Get-EtcdSnapshot $place).Name | Should -Be 'etcd_snapshot_2026-11-22_10-00-00'
    }

    It 'are not copied under -WhatIf' {
        Get-EtcdSnapshot $directory -Latest | Copy-EtcdSnapshot -Destination "$TestDrive/elsewhere" -WhatIf
        [System.IO.Directory]::Exists("$TestDrive/elsewhere") | Should -Be $false
    }

    It 'are copied and stay what they are' {
        $copy = Get-EtcdSnapshot $directory -Latest | Copy-EtcdSnapshot -Destination "$TestDrive/copies" -Confirm:$false
        $copy.Name | Should -Be 'etcd_snapshot_2026-11-22_10-00-00'
        $copy.Path | Should -Match 'copies'
    }

    It 'are tested: each check is an object, a broken database a finding' {
        $tests = Get-EtcdSnapshot $directory -Latest | Test-EtcdSnapshot
        $tests[0] | Should -BeOfType [EtcdDr.EtcdSnapshotTest]
        ($tests | Where-Object { -not $_.Success }).Count | Should -BeGreaterOrEqual 1
    }

    It 'fail a step with -FailOnFinding' {
        { Get-EtcdSnapshot $directory -Latest | Test-EtcdSnapshot -FailOnFinding -ErrorAction Stop } | Should -Throw -ErrorId 'SnapshotFindings*'
    }

    It 'are completed by the Tab key' {
        $line = "Get-EtcdSnapshot -Path $directory -Name etcd"
        $found = (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText
        $found | Should -Be @('etcd_snapshot_2026-11-22_10-00-00', 'etcd_snapshot_2026-11-21_10-00-00')
    }

    It 'are shown as a table within 120 columns' {
        $lines = (Get-EtcdSnapshot $directory | Format-Table | Out-String -Width 120) -split "`n"
        foreach ($line in $lines) {
            $line.TrimEnd().Length | Should -BeLessOrEqual 120
        }
        $lines -join "`n" | Should -Match 'after installation'
    }
}

Describe 'Errors' {
    BeforeAll {
        Import-Module ($env:ETCDDR_MODULE ? $env:ETCDDR_MODULE : "$PSScriptRoot/../out/EtcdDr") -Force
    }

    It 'have an id, a category and a recommended action' {
        $failed = $null
        Get-EtcdSnapshot "$TestDrive/nowhere" -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -Match '^\w+,EtcdDr.Commands.GetEtcdSnapshotCommand$'
        "$($failed[0].CategoryInfo.Category)" | Should -Be 'ObjectNotFound'
        $failed[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        $failed[0].TargetObject | Should -Not -BeNullOrEmpty
    }

    It 'say what they say whatever the language of the user' {
        $failed = $null
        $thread = [System.Threading.Thread]::CurrentThread
        $language = $thread.CurrentUICulture
        try {
            $thread.CurrentUICulture = 'de-DE'
            Get-EtcdSnapshot "$TestDrive/nowhere" -ErrorAction SilentlyContinue -ErrorVariable failed
        }
        finally {
            $thread.CurrentUICulture = $language
        }
        "$($failed[0])" | Should -Match 'does not exist'
        $failed[0].ErrorDetails.RecommendedAction | Should -Match '^Check the path'
    }

    It 'of one place leave the others' {
        [void] [System.IO.Directory]::CreateDirectory("$TestDrive/empty")
        $failed = $null
        $none = Get-EtcdSnapshot "$TestDrive/nowhere", "$TestDrive/empty" -ErrorAction SilentlyContinue -ErrorVariable failed
        $none | Should -BeNullOrEmpty
        $failed.Count | Should -Be 1
    }

    It 'end a script that stops at errors' {
        { Get-EtcdSnapshot "$TestDrive/nowhere" -ErrorAction Stop } | Should -Throw
    }

    It 'of a cluster that no profile has name the profile to write' {
        { Get-EtcdCluster nobody -ProfilePath "$TestDrive/none.yaml" -ErrorAction Stop } | Should -Throw -ErrorId 'ProfileNotFound*'
    }

    It 'of a cluster that is given by its name are errors of ours, not of the binding' {
        $failed = $null
        Get-EtcdStatus nobody -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -Match '^(ClusterNotFound|ProfileNotFound),EtcdDr.Commands.GetEtcdStatusCommand$'
        $failed[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'of one cluster of a pipeline leave the next' {
        [System.IO.File]::WriteAllText("$TestDrive/kube.conf", '{current-context: c, clusters: [{name: k, cluster: {server: "https://127.0.0.1:1"}}], contexts: [{name: c, context: {cluster: k}}]}')
        [System.IO.File]::WriteAllText("$TestDrive/etcddr.yaml", '{clusters: {a: {kubeconfig: kube.conf}, b: {kubeconfig: kube.conf}}}')
        $failed = $null
        Get-EtcdCluster -ProfilePath "$TestDrive/etcddr.yaml" | Get-EtcdStatus -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed.Count | Should -Be 2
        $failed.FullyQualifiedErrorId | Should -Be @('KubeApiUnreachable,EtcdDr.Commands.GetEtcdStatusCommand', 'KubeApiUnreachable,EtcdDr.Commands.GetEtcdStatusCommand')
    }
}
