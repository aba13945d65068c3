namespace EtcdDr.Engine.Trust;

/// <summary>What stands at a path.</summary>
internal enum PathKind
{
    /// <summary>A file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link. Its mode means nothing; who may replace it is said by the directory that holds it.</summary>
    Link,
}
