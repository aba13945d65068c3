namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>A file or directory that a profile names, to be checked when it is used.</summary>
/// <param name="Key">The key that names it.</param>
/// <param name="Line">The line of the value.</param>
/// <param name="Path">Absolute path.</param>
/// <param name="ErrorId">The error where it is missing.</param>
public sealed record ProfileFile(string Key, int Line, string Path, string ErrorId);
