namespace EtcdDr.Engine.Ssh;

/// <summary>How scripts take their standard input. A channel that breaks looks to them like its regular end, so they are told beforehand
/// how long it is.</summary>
internal static class InputScript
{
    /// <summary><c>receive FILE LENGTH</c>: takes standard input into a new file, through no link that lies there, which is removed again
    /// unless it is as long as it should be.</summary>
    public const string Receive = """
        receive() {
            rm -f -- "$1" && (set -C; cat > "$1") && [ "$(stat -c %s -- "$1")" -eq "$2" ] && return 0
            echo "The input ended before all of its $2 bytes had come." >&2; rm -f "$1"; return 1
        }

        """;
}
