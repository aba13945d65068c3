using System.Collections;
using System.Management.Automation;
using EtcdDr.Engine.Objects;

namespace EtcdDr.Commands;

/// <summary>Base of cmdlets that read or write single objects.</summary>
public abstract class ObjectCmdlet : EtcdDrNodeCmdlet
{
    /// <summary>The directory of records of what was replaced, where none is named: the user's own.</summary>
    private protected static string RecordsOfUser =>
        System.IO.Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
            "EtcdDr",
            "objects"
        );

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

    /// <summary>A hash table of names.</summary>
    private protected static IReadOnlyDictionary<string, string> Names(Hashtable table) =>
        table.Cast<DictionaryEntry>().ToDictionary(e => $"{e.Key}", e => $"{e.Value}", StringComparer.Ordinal);

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
