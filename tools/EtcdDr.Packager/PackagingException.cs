namespace EtcdDr.Packager;

/// <summary>The module cannot be packed as it is.</summary>
public sealed class PackagingException(string message) : Exception(message);
