namespace EtcdDr.Engine.Trust;

/// <summary>The rights of a Windows access mask that let somebody change or replace a file; values as winnt.h has them.</summary>
[Flags]
internal enum WindowsRights
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>FILE_WRITE_DATA; in a directory: make files.</summary>
    WriteData = 0x2,

    /// <summary>FILE_APPEND_DATA; in a directory: make directories.</summary>
    AppendData = 0x4,

    /// <summary>FILE_DELETE_CHILD.</summary>
    DeleteChild = 0x40,

    /// <summary>DELETE.</summary>
    Delete = 0x10000,

    /// <summary>WRITE_DAC.</summary>
    ChangePermissions = 0x40000,

    /// <summary>WRITE_OWNER.</summary>
    TakeOwnership = 0x80000,

    /// <summary>GENERIC_ALL.</summary>
    GenericAll = 0x10000000,

    /// <summary>GENERIC_WRITE.</summary>
    GenericWrite = 0x40000000,
}
