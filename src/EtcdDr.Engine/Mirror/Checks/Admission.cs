using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>What of an apiserver's flags decides which objects it takes, in one line.</summary>
internal static class Admission
{
    /// <summary>Plugins switched on and off, authorization modes, feature gates, API groups switched on or off, and whether there is a
    /// configuration of plugins.</summary>
    public static string Describe(ApiServerConfiguration api)
    {
        (string Name, IEnumerable<string> Values)[] parts =
        [
            ("enabled", api.EnabledAdmissionPlugins),
            ("disabled", api.DisabledAdmissionPlugins),
            ("authorization", api.AuthorizationModes),
            ("feature-gates", api.FeatureGates),
            ("runtime-config", api.RuntimeConfig),
            ("config-file", api.AdmissionControlConfigFile is null ? [] : ["yes"]),
        ];
        return string.Join(
            ' ',
            parts.Where(p => p.Values.Any()).Select(p => $"{p.Name}={string.Join(',', p.Values)}").DefaultIfEmpty("defaults")
        );
    }
}
