@{
    RootModule           = 'OtherModule.dll'
    ModuleVersion        = '1.0.0'
    GUID                 = 'a52a1b9a-54f6-4a55-9d41-0d9b1d1f2f6e'
    Author               = 'The EtcdDr authors'
    Description          = 'A module with a YamlDotNet of its own, for tests.'
    CompatiblePSEditions = @('Core')
    CmdletsToExport      = @('ConvertFrom-OtherYaml')
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
}
