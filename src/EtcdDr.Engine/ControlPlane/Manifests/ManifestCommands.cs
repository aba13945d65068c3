using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.ControlPlane.Manifests;

/// <summary>Remote commands that read static-pod manifests.</summary>
public static class ManifestCommands
{
    /// <summary>Exit status of <see cref="ReadAll"/> where the directory does not exist; the first line still names it.</summary>
    public const int NoDirectory = 3;

    /// <summary>The script of <see cref="ReadAll"/>, for commands that read more in the same run.</summary>
    internal const string ReadAllScript = """
        dir=$1
        if [ -z "$dir" ] && [ -r /var/lib/kubelet/config.yaml ]; then
          dir=$(sed -n 's/^staticPodPath:[[:space:]]*//p' /var/lib/kubelet/config.yaml |
            sed -e 's/[[:space:]]#.*$//' -e 's/[[:space:]]*$//' -e 's/^"\(.*\)"$/\1/' -e "s/^'\(.*\)'\$/\1/" | tail -n 1)
        fi
        dir=${dir:-/etc/kubernetes/manifests}
        printf 'path %s\n' "$(printf '%s' "$dir" | base64 -w 0)"
        [ -d "$dir" ] || exit 3
        for file in "$dir"/*; do
          [ -f "$file" ] || continue
          content=$(head -c 1048576 "$file" | base64 -w 0) || exit 1
          printf 'file %s %s\n' "$(printf '%s' "${file##*/}" | base64 -w 0)" "$content"
        done
        """;

    /// <summary>
    /// Prints the manifest directory and every file in it that the kubelet would read (regular files whose name has no leading dot): a line
    /// <c>path NAME</c>, then <c>file NAME CONTENT</c> each, name and content in base64. <c>$1</c>: the directory, or empty for the
    /// kubelet's.
    /// </summary>
    public static readonly RemoteCommand ReadAll = new("manifest.read-all", ReadAllScript) { AcceptedStatuses = [NoDirectory] };
}
