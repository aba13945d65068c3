using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Kubelet;

/// <summary>A pod from a manifest file, named and numbered as the kubelet does.</summary>
/// <param name="Uid">Hash of the content, the node and the path: the same file gives the same pod, a changed one another.</param>
/// <param name="Name">Name with the node's appended.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Manifest">The whole manifest.</param>
/// <param name="Path">The file.</param>
internal sealed record StaticPod(string Uid, string Name, string Namespace, JsonObject Manifest, string Path)
{
    public string FullName => $"{Name}_{Namespace}";

    public IEnumerable<JsonObject> Containers => Manifest.Items("spec", "containers");

    public int GraceSeconds => (int)(Manifest.Number("spec", "terminationGracePeriodSeconds") ?? 30);

    /// <summary>
    /// The pods of a manifest directory. As in the real kubelet every file counts whose name has no dot in front, whatever its extension: a
    /// copy left there, such as etcd.yaml.bak, is one more pod.
    /// </summary>
    public static IReadOnlyList<StaticPod> ReadAll(string directory, string node, Action<string> log)
    {
        var result = new List<StaticPod>();
        if (!Directory.Exists(directory))
            return result;
        foreach (var path in Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal))
        {
            if (System.IO.Path.GetFileName(path).StartsWith('.'))
                continue;
            try
            {
                if (Read(path, node) is { } pod)
                    result.Add(pod);
            }
            catch (FileNotFoundException)
            {
                // Moved away between listing and reading.
            }
            catch (Exception exception) when (exception is YamlDotNet.Core.YamlException or IOException or InvalidDataException)
            {
                log($"Can't process manifest file {path}: {exception.Message}");
            }
        }

        return result;
    }

    private static StaticPod? Read(string path, string node)
    {
        var text = File.ReadAllText(path);
        if (text.Length == 0)
            throw new InvalidDataException("the file is empty");
        var manifest = Yaml.Parse(text) ?? throw new InvalidDataException("no object in it");
        if (manifest.Text("kind") != "Pod" || manifest.Name().Length == 0)
            throw new InvalidDataException("it is no pod");
        var hash = MD5Hex($"{manifest.ToJsonString()}|host:{node}|file:{path}");
        var uid = manifest.Text("metadata", "uid") ?? hash;
        return new StaticPod(uid, $"{manifest.Name()}-{node}", manifest.Text("metadata", "namespace") ?? "default", manifest, path);
    }

    internal static string MD5Hex(string text)
    {
#pragma warning disable CA5351 // Not for security: the kubelet names static pods by MD5.
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
    }
}
