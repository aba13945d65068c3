using System.Management.Automation;
using EtcdDr.Completion;

namespace EtcdDr.Commands;

/// <summary>A restore that was just carried out is shown as a report; restores in a list as a table.</summary>
internal static class RestoreView
{
    /// <summary>The same object, marked for the view that shows its report.</summary>
    public static PSObject Report(EtcdRestore restore)
    {
        var shown = PSObject.AsPSObject(RestoreIdCompleter.Remember(restore));
        shown.TypeNames.Insert(0, "EtcdDr.EtcdRestore#Report");
        return shown;
    }
}
