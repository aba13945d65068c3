@{
    RootModule           = 'EtcdDr.dll'
    # First of all: loads the public objects as they were compiled for this platform, into PowerShell's own load context, so that scripts can name
    # them ([EtcdDr.EtcdSnapshot]), and registers where the engine is found, before any cmdlet can ask for it.
    NestedModules        = @('EtcdDr.Loader.dll')

    ModuleVersion        = '0.1.0'
    GUID                 = '0c6d3bd4-3f0a-4f4b-9c5f-6e3f2d1c7a58'
    Author               = 'The EtcdDr authors'
    CompanyName          = 'The EtcdDr authors'
    Copyright            = 'Copyright (c) 2026 The EtcdDr authors. MIT license.'
    Description          = 'Disaster recovery of kubeadm clusters by etcd snapshots: take, test, copy and restore them, from one cluster into another, with a way back.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')

    # One line for each cmdlet, in alphabetical order; a test holds that the list and the assembly agree.
    CmdletsToExport      = @(
        'Add-EtcdApiAlias'
        'Add-EtcdMember'
        'Compare-ClusterObject'
        'Compare-EtcdSnapshot'
        'Complete-EtcdRestore'
        'ConvertFrom-EtcdMaaEnvironment'
        'Copy-EtcdSnapshot'
        'Dismount-EtcdSnapshot'
        'Export-ClusterObject'
        'Export-EtcdReport'
        'Export-EtcdSnapshotFile'
        'Get-ClusterObject'
        'Get-EtcdCluster'
        'Get-EtcdMount'
        'Get-EtcdProfile'
        'Get-EtcdRestore'
        'Get-EtcdSnapshot'
        'Get-EtcdSnapshotKey'
        'Get-EtcdStage'
        'Get-EtcdStatus'
        'Measure-EtcdSnapshot'
        'Mount-EtcdSnapshot'
        'New-EtcdProfile'
        'New-EtcdSnapshot'
        'Remove-EtcdMember'
        'Remove-EtcdRestoreBackup'
        'Remove-EtcdSnapshot'
        'Remove-EtcdStage'
        'Restore-ClusterObject'
        'Restore-EtcdSnapshot'
        'Start-EtcdControlPlane'
        'Stop-EtcdControlPlane'
        'Test-ClusterMirror'
        'Test-EtcdProfile'
        'Test-EtcdSnapshot'
        'Undo-ClusterObject'
        'Undo-EtcdRestore'
    )
    FunctionsToExport    = @()
    VariablesToExport    = @()
    # Names that other modules may own, kept for one version beside ours.
    AliasesToExport      = @(
        'Add-KubeApiAlias'
        'ConvertFrom-MaaEnvironment'
        'Start-ControlPlane'
        'Stop-ControlPlane'
    )

    TypesToProcess       = @('Types/EtcdDr.Types.ps1xml')

    # One file for each subject; a test holds that the list and the directory agree.
    FormatsToProcess     = @(
        'Formats/ClusterObjects.Format.ps1xml'
        'Formats/Clusters.Format.ps1xml'
        'Formats/ControlPlane.Format.ps1xml'
        'Formats/Etcd.Format.ps1xml'
        'Formats/Mirror.Format.ps1xml'
        'Formats/Restore.Format.ps1xml'
        'Formats/SnapshotContents.Format.ps1xml'
        'Formats/Snapshots.Format.ps1xml'
    )

    PrivateData          = @{
        PSData = @{
            Tags         = @('etcd', 'kubernetes', 'kubeadm', 'disaster-recovery', 'backup', 'restore', 'PSEdition_Core', 'Linux', 'MacOS', 'Windows')
            # The one place that names the project's home; .example is nobody's (RFC 2606): name the real one before publishing.
            # Get-Help -Online opens <ProjectUri>/blob/main/docs/en-US/<Cmdlet>.md.
            ProjectUri   = 'https://etcddr.example/EtcdDr'
            LicenseUri   = 'https://opensource.org/license/mit'
            ReleaseNotes = 'See CHANGELOG.md.'
        }
    }
}
