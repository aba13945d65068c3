using System.Text.RegularExpressions;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.ControlPlane.Manifests;

/// <summary>A static pod of a control-plane node, as the kubelet reads it from a file: its main container, flags and mounts.</summary>
public sealed partial class StaticPodManifest
{
    private static readonly string[] Shells = ["sh", "bash", "dash", "ash"];

    private StaticPodManifest(string node, string path, string text)
    {
        Node = node;
        Path = path;
        Text = text;
    }

    /// <summary>The node that the file is on.</summary>
    public string Node { get; }

    /// <summary>The file's path on the node.</summary>
    public string Path { get; }

    /// <summary>The file as it is.</summary>
    public string Text { get; }

    /// <summary>The pod's name, without the node's name that the kubelet adds.</summary>
    public string PodName { get; private init; } = "";

    /// <summary>The pod's namespace.</summary>
    public string Namespace { get; private init; } = "";

    /// <summary>The main container's name.</summary>
    public string ContainerName { get; private init; } = "";

    /// <summary>The main container's image.</summary>
    public string Image { get; private init; } = "";

    /// <summary>Name of the program that the main container runs, without its directory, for example <c>etcd</c>; empty where the image
    /// says.</summary>
    public string Program { get; private init; } = "";

    /// <summary>Command and arguments, variables of the container's environment put in.</summary>
    public IReadOnlyList<string> CommandLine { get; private init; } = [];

    /// <summary>Flags of the command line.</summary>
    public CommandLineFlags Flags { get; private init; } = CommandLineFlags.Parse([]);

    /// <summary>The container's environment, as far as the manifest holds the values.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; private init; } = new Dictionary<string, string>();

    /// <summary>What is mounted into the main container.</summary>
    public IReadOnlyList<StaticPodMount> Mounts { get; private init; } = [];

    /// <summary>Reads a manifest.</summary>
    /// <param name="node">The node's name, for messages.</param>
    /// <param name="path">The file's path on the node.</param>
    /// <param name="text">The file, YAML or JSON.</param>
    /// <exception cref="EtcdDrException"><c>ManifestInvalid</c>: not YAML, or not a pod with a container.</exception>
    public static StaticPodManifest Parse(string node, string path, string text)
    {
        var pod = ReadPod(node, path, text);
        var container =
            MainContainer(pod, PodNameOf(pod)) ?? throw ManifestErrors.Invalid(node, path, Errors.ManifestInvalid_NoContainer_Part);
        var environment = ReadEnvironment(node, pod, container);
        var commandLine = Words(node, path, container, "command")
            .Concat(Words(node, path, container, "args"))
            .Select(w => Expand(w, environment))
            .ToList();
        return new StaticPodManifest(node, path, text)
        {
            PodName = PodNameOf(pod),
            Namespace = pod["metadata"]?.TextOf("namespace") ?? "default",
            ContainerName = container.TextOf("name") ?? "",
            Image = container.TextOf("image") ?? "",
            Program = ProgramOf(commandLine),
            CommandLine = commandLine,
            Flags = CommandLineFlags.Parse(commandLine),
            Environment = environment,
            Mounts = ReadMounts(node, path, pod, container, environment),
        };
    }

    /// <summary>
    /// Where a path of the container lies on the node: through the innermost mount that holds it. Null if no mount does, or the mount is
    /// not a hostPath, so the path is inside the container only.
    /// </summary>
    public string? HostPathOf(string containerPath)
    {
        var path = UnixPath.Normalize(containerPath);
        var mount = Mounts.Where(m => UnixPath.IsAtOrBelow(path, m.ContainerPath)).MaxBy(m => m.ContainerPath.Length);
        return mount?.HostPath is null
            ? null
            : UnixPath.Join(mount.HostPath, path[(mount.ContainerPath == "/" ? 0 : mount.ContainerPath.Length)..]);
    }

    /// <summary>Mounts that lie below a path of the container: parts of it that are on other volumes.</summary>
    public IReadOnlyList<StaticPodMount> MountsBelow(string containerPath)
    {
        var path = UnixPath.Normalize(containerPath);
        return [.. Mounts.Where(m => m.ContainerPath != path && UnixPath.IsAtOrBelow(m.ContainerPath, path))];
    }

    /// <summary>The host path of a flag's file; null if the flag is not set.</summary>
    /// <exception cref="EtcdDrException"><c>ManifestUnsupported</c>: the file is in no hostPath volume.</exception>
    public string? HostPathOfFlag(string flag) => Flags.Last(flag) is { } path ? RequireHostPath(flag, path) : null;

    /// <summary>The host path of a path of the container that a flag names.</summary>
    /// <exception cref="EtcdDrException"><c>ManifestUnsupported</c>: the path is in no hostPath volume, or is relative.</exception>
    public string RequireHostPath(string flag, string containerPath)
    {
        if (!containerPath.StartsWith('/'))
        {
            throw ManifestErrors.Unsupported(
                Node,
                Errors.ManifestUnsupported_NotAbsolute.With(Path, Node, flag, containerPath),
                Errors.ManifestUnsupported_NotAbsolute_Action.With(flag)
            );
        }

        return HostPathOf(containerPath)
            ?? throw ManifestErrors.Unsupported(
                Node,
                Errors.ManifestUnsupported_NotMounted.With(Path, Node, flag, containerPath),
                Errors.ManifestUnsupported_NotMounted_Action.With(containerPath)
            );
    }

    /// <summary>Whether the pod is this component: by the program that it runs, its container's name or its own.</summary>
    internal bool Runs(string component) =>
        Program == component || ContainerName == component || (PodName == component && Namespace == "kube-system");

    /// <summary>Refuses a pod that starts its program through a shell, since its flags are then text of a script.</summary>
    internal void RefuseShell()
    {
        if (CommandLine.Count > 0 && Shells.Contains(UnixPath.Name(CommandLine[0])))
        {
            throw ManifestErrors.Unsupported(
                Node,
                Errors.ManifestUnsupported_Wrapped.With(Path, Node, CommandLine[0]),
                Errors.ManifestUnsupported_Wrapped_Action
            );
        }
    }

    private static YamlElement ReadPod(string node, string path, string text)
    {
        YamlElement? root;
        try
        {
            root = YamlReader.Read(text, lastKeyWins: true);
        }
        catch (YamlFormatException e)
        {
            throw ManifestErrors.Invalid(node, path, Errors.ManifestInvalid_Line_Part.With(e.Line, e.Message.TrimEnd('.')), e);
        }

        return root switch
        {
            null => throw ManifestErrors.Invalid(node, path, Errors.ManifestInvalid_Empty_Part),
            { Kind: not YamlKind.Mapping } => throw ManifestErrors.Invalid(
                node,
                path,
                Errors.ManifestInvalid_NoObject_Part.With(root.Line)
            ),
            _ when root.TextOf("kind") != "Pod" => throw ManifestErrors.Invalid(
                node,
                path,
                root.TextOf("kind") is { } kind ? Errors.ManifestInvalid_Kind_Part.With(kind) : Errors.ManifestInvalid_NoKind_Part
            ),
            _ => root,
        };
    }

    private static string PodNameOf(YamlElement pod) => pod["metadata"]?.TextOf("name") ?? "";

    private static YamlElement? MainContainer(YamlElement pod, string podName)
    {
        // Sidecars are allowed: the container that bears the pod's name is the one, as in kubeadm's manifests; else the first.
        var containers = pod["spec"]?["containers"]?.Items ?? [];
        return containers.FirstOrDefault(c => c.Kind == YamlKind.Mapping && c.TextOf("name") == podName)
            ?? containers.FirstOrDefault(c => c.Kind == YamlKind.Mapping);
    }

    private static IEnumerable<string> Words(string node, string path, YamlElement container, string key)
    {
        var list = container[key];
        if (list is null)
        {
            return [];
        }

        var bad = list.Kind == YamlKind.Sequence ? list.Items.FirstOrDefault(i => i.Kind != YamlKind.Scalar) : list;
        return bad is null
            ? list.Items.Select(i => i.Text)
            : throw ManifestErrors.Invalid(node, path, Errors.ManifestInvalid_Words_Part.With(bad.Line, key));
    }

    private static string ProgramOf(List<string> commandLine) =>
        commandLine.Count == 0 || commandLine[0].StartsWith('-') ? "" : UnixPath.Name(commandLine[0]);

    private static Dictionary<string, string> ReadEnvironment(string node, YamlElement pod, YamlElement container)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in container["env"]?.Items ?? [])
        {
            if (variable.TextOf("name") is { } name && (variable.TextOf("value") ?? OfField(node, pod, variable)) is { } value)
            {
                environment[name] = Expand(value, environment);
            }
        }

        return environment;
    }

    // What a manifest takes from its own pod ($(NODE_NAME)); addresses are known to the kubelet only, and such a reference stays as it is.
    private static string? OfField(string node, YamlElement pod, YamlElement variable) =>
        variable["valueFrom"]?["fieldRef"]?.TextOf("fieldPath") switch
        {
            "spec.nodeName" => node,
            "metadata.name" => $"{PodNameOf(pod)}-{node}",
            "metadata.namespace" => pod["metadata"]?.TextOf("namespace") ?? "default",
            _ => null,
        };

    private static string Expand(string word, IReadOnlyDictionary<string, string> environment) =>
        // $$(NAME) stands for $(NAME); a reference to an unknown variable stays as it is: the kubelet's rules.
        VariableReference()
            .Replace(
                word,
                match =>
                    match.Value.StartsWith("$$", StringComparison.Ordinal)
                        ? match.Value[1..]
                        : environment.GetValueOrDefault(match.Groups[1].Value, match.Value)
            );

    private static List<StaticPodMount> ReadMounts(
        string node,
        string path,
        YamlElement pod,
        YamlElement container,
        IReadOnlyDictionary<string, string> environment
    )
    {
        var hostPaths = HostPaths(pod);
        var mounts = new List<StaticPodMount>();
        foreach (var mount in container["volumeMounts"]?.Items ?? [])
        {
            if (mount.TextOf("name") is not { } volume || mount.TextOf("mountPath") is not { Length: > 0 } mountPath)
            {
                throw ManifestErrors.Invalid(node, path, Errors.ManifestInvalid_Mount_Part.With(mount.Line));
            }

            var subPath = mount.TextOf("subPath") ?? (mount.TextOf("subPathExpr") is { } expression ? Expand(expression, environment) : "");
            var hostPath = hostPaths.TryGetValue(volume, out var root) ? UnixPath.Join(root, subPath) : null;
            mounts.Add(new StaticPodMount(volume, UnixPath.Normalize(mountPath), hostPath, mount.TextOf("readOnly") == "true"));
        }

        return mounts;
    }

    private static Dictionary<string, string> HostPaths(YamlElement pod)
    {
        var hostPaths = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var volume in pod["spec"]?["volumes"]?.Items ?? [])
        {
            if (volume.TextOf("name") is { } name && volume["hostPath"]?.TextOf("path") is { Length: > 0 } hostPath)
            {
                hostPaths[name] = UnixPath.Normalize(hostPath);
            }
        }

        return hostPaths;
    }

    [GeneratedRegex(@"\$?\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)", RegexOptions.CultureInvariant)]
    private static partial Regex VariableReference();
}
