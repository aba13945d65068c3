using System.Management.Automation;
using EtcdDr.Engine.Objects;

namespace EtcdDr.Commands;

/// <summary>Base of cmdlets that read or write single objects.</summary>
public abstract class ObjectCmdlet : EtcdDrCmdlet
{
    /// <summary>The directory of records of what was replaced, where none is named: the user's own.</summary>
    private protected string RecordsOfUser
    {
        get
        {
            var own = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
            return System.IO.Path.Combine(own.Length > 0 ? own : Resolve("."), "EtcdDr", "objects");
        }
    }

    /// <summary>The object as cmdlets emit it.</summary>
    private protected static ClusterObject Emitted(KubeObject item) =>
        new() { Source = item.Source, Body = ObjectBody.ToDictionary(item.Body) };

    /// <summary>The object as the engine takes it.</summary>
    /// <exception cref="EtcdDrException"><c>ObjectBodyInvalid</c>.</exception>
    private protected static KubeObject Taken(ClusterObject item)
    {
        var body = ObjectBody.ToJson(item.Body, item.ToString());
        var taken = new KubeObject(body, item.Source);
        return taken is { ApiVersion.Length: > 0, Kind.Length: > 0, Name.Length: > 0 }
            ? taken
            : throw new EtcdDrException(
                "ObjectBodyInvalid",
                EtcdDrErrorCategory.InvalidData,
                Errors.ObjectBodyInvalid_Incomplete.With(item),
                Errors.ObjectBodyInvalid_Incomplete_Action,
                item
            );
    }

    /// <summary>Whether <c>-WhatIf</c> was asked for, here or for the session.</summary>
    private protected bool IsWhatIf =>
        Ask(() =>
            LanguagePrimitives.IsTrue(
                MyInvocation.BoundParameters.TryGetValue("WhatIf", out var asked)
                    ? asked
                    : SessionState.PSVariable.GetValue("WhatIfPreference", false)
            )
        );
}
