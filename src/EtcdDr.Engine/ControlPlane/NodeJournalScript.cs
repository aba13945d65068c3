using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>The piece of script by which a step writes itself into the node's journal, before and after its work, in the same round
/// trip.</summary>
internal static class NodeJournalScript
{
    /// <summary>
    /// Takes the journal directory (may be empty: no journal) and the step's name off the arguments and defines <c>note</c>, which adds a
    /// synced line <c>UTC-TIME begin|done STEP</c> to the file <c>steps</c>. It also defines <c>alone</c>, which waits until no other step
    /// of this restore is at work on the node: one whose bastion died or lost its connection goes on to its end, and the next one must find
    /// what that one leaves.
    /// </summary>
    public const string Prelude =
        PathScript.Extend
        + """
            set -u
            umask 077
            journal=$1; step=$2; shift 2
            note() {
                [ -n "$journal" ] || return 0
                mkdir -p "$journal" || return 1
                printf '%s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" "$step" >> "$journal/steps" && sync "$journal/steps"
            }
            alone() {
                if [ -z "$journal" ] || ! command -v flock >/dev/null 2>&1; then return 0; fi
                mkdir -p "$journal" || return 1
                exec 8>>"$journal/lock"
                flock -w 40 8 || { echo 'Another step is still at work on this node.' >&2; return 1; }
            }

            """;
}
