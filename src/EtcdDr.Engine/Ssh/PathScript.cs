namespace EtcdDr.Engine.Ssh;

/// <summary>Where commands look for programs.</summary>
internal static class PathScript
{
    /// <summary>
    /// Adds to the path that sudo gives (RHEL's leaves /usr/local out; crictl is often there, or in /opt/bin) those of the usual directories that are root's, with their parents, and that nobody else may
    /// write to: what an ordinary user of the node can place must not run as root.
    /// </summary>
    public const string Extend = """
        sound=
        for place in $(stat -L -c '%u:%a:%n' /usr/local /opt /usr/local/sbin /usr/local/bin /usr/sbin /sbin /opt/bin 2>/dev/null); do
            case $place in 0:*[0145][0145]:*) place=${place##*:};; *) continue;; esac
            case $place in
                /usr/local|/opt) sound="$sound $place";;
                /usr/sbin|/sbin) PATH=$PATH:$place;;
                *) case "$sound " in *" ${place%/*} "*) PATH=$PATH:$place;; esac;;
            esac
        done
        export PATH

        """;
}
