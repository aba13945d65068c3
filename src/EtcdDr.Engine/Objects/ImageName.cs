namespace EtcdDr.Engine.Objects;

/// <summary>Names of images as container runtimes take them.</summary>
internal static class ImageName
{
    /// <summary>A name with its registry: one without is of docker.io.</summary>
    public static string WithRegistry(string image)
    {
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return $"docker.io/library/{image}";
        }

        return image.AsSpan(0, slash).ContainsAny('.', ':') || image.StartsWith("localhost/", StringComparison.Ordinal)
            ? image
            : $"docker.io/{image}";
    }

    /// <summary>A name with its registry and its tag: one without tag and digest is the latest.</summary>
    public static string Whole(string image)
    {
        var whole = WithRegistry(image);
        return
            whole.Contains('@', StringComparison.Ordinal) || whole[(whole.LastIndexOf('/') + 1)..].Contains(':', StringComparison.Ordinal)
            ? whole
            : $"{whole}:latest";
    }
}
