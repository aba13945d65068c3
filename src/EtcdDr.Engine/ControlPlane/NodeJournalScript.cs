namespace EtcdDr.Engine.ControlPlane;

/// <summary>The piece of script by which a step writes itself into the node's journal, before and after its work, in the same round trip.</summary>
internal static class NodeJournalScript
{
    /// <summary>
    /// Takes the journal directory (may be empty: no journal) and the step's name off the arguments and defines <c>note</c>, which adds a synced line
    /// <c>UTC-TIME begin|done STEP</c> to the file <c>steps</c>.
    /// </summary>
    public const string Prelude = """
        set -u
        umask 077
        PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin:/opt/bin; export PATH
        journal=$1; step=$2; shift 2
        note() {
            [ -n "$journal" ] || return 0
            mkdir -p "$journal" && printf '%s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" "$step" >> "$journal/steps" && sync "$journal/steps"
        }

        """;
}
