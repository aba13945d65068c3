using System.Security.Cryptography;

namespace EtcdDr.Packager;

/// <summary>A file of the package.</summary>
/// <param name="Path">Path inside the module, with forward slashes.</param>
/// <param name="Content">Its bytes.</param>
public sealed record PackageFile(string Path, byte[] Content)
{
    /// <summary>SHA-256, lower-case hexadecimal.</summary>
    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Content));

    /// <summary>All files below a directory, in order of their paths.</summary>
    public static IReadOnlyList<PackageFile> ReadAll(string directory)
    {
        if (!Directory.Exists(directory))
            throw new PackagingException($"There is no staged module at {directory}: build EtcdDr.sln first.");

        return
        [
            .. Directory
                .EnumerateFiles(directory, "*", SearchOption.AllDirectories)
                .Select(file => new PackageFile(
                    System.IO.Path.GetRelativePath(directory, file).Replace('\\', '/'),
                    File.ReadAllBytes(file)
                ))
                .OrderBy(file => file.Path, StringComparer.Ordinal),
        ];
    }
}
