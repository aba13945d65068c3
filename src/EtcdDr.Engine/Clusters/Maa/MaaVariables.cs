using System.Globalization;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Ssh.Keys;

namespace EtcdDr.Engine.Clusters.Maa;

/// <summary>Turns the variables of a <c>maak8s.env</c> into keys of a cluster in a profile.</summary>
internal sealed class MaaVariables
{
    private readonly string _directory;
    private readonly Dictionary<string, string> _left;
    private readonly List<string> _carried = [];
    private readonly List<string> _notes = [];

    private MaaVariables(string directory, MaaEnvironment environment)
    {
        _directory = directory;
        _left = environment.Values.Where(v => v.Value.Length > 0).ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal);
        _notes.AddRange(environment.Notes);
    }

    /// <summary>Sections and keys of the cluster.</summary>
    public JsonObject Settings { get; } = [];

    /// <summary>Variables that <see cref="Settings"/> holds, as <c>variable -> key</c>.</summary>
    public IReadOnlyList<string> CarriedOver => _carried;

    /// <summary>What it does not hold or what needs attention, as sentences.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Converts.</summary>
    /// <param name="source">The environment file: relative paths start at its directory.</param>
    /// <param name="environment">What it says.</param>
    public static MaaVariables Convert(string source, MaaEnvironment environment)
    {
        var variables = new MaaVariables(Path.GetDirectoryName(source)!, environment);
        var user = variables._left.GetValueOrDefault("user");
        variables.Carry("user", "ssh", "user", text => text);
        variables.Carry("ssh_key", "ssh", "keyFile", variables.Key);
        variables.Carry(
            "bastion_node",
            "ssh",
            "jumpHosts",
            text => new JsonArray(user is null || text.Contains('@', StringComparison.Ordinal) ? text : $"{user}@{text}")
        );
        variables.Carry("advert_port", "etcd", "clientPort", text => variables.Port("advert_port", text));
        variables.Carry("init_port", "etcd", "peerPort", text => variables.Port("init_port", text));
        variables.Carry("etcdctlhome", "etcd", "toolPath", variables.ToolPath);
        variables.Carry(
            "infra_pod_list",
            "recycle",
            "infrastructurePods",
            text => new JsonArray([.. text.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries).Select(p => JsonValue.Create(p))])
        );
        variables._notes.AddRange(
            variables._left.Keys.Order(StringComparer.Ordinal).Select(n => $"The variable {n} has no counterpart in a profile.")
        );
        return variables;
    }

    private void Carry(string variable, string section, string key, Func<string, JsonNode?> convert)
    {
        if (!_left.Remove(variable, out var text) || convert(text) is not { } value)
        {
            return;
        }

        if (Settings[section] is not JsonObject keys)
        {
            Settings[section] = keys = [];
        }

        keys[key] = value;
        _carried.Add($"{variable} -> {section}.{key}");
    }

    private JsonValue? Port(string variable, string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535)
        {
            return JsonValue.Create(port);
        }

        _notes.Add($"The variable {variable} is '{text}', which is no port; ports are read from the nodes' manifests.");
        return null;
    }

    private JsonValue? ToolPath(string text)
    {
        if (text.StartsWith('/'))
        {
            return JsonValue.Create(text);
        }

        _notes.Add(
            $"The variable etcdctlhome is '{text}', and the profile's toolPath must be an absolute path on the nodes; tools are looked "
                + "for on their PATH and in etcd's image."
        );
        return null;
    }

    // The key is used as it is, in whichever of the formats; what can be told of it without its passphrase is told now and not at night.
    private JsonNode Key(string text)
    {
        var path = ProfileLocator.Expand(text, _directory);
        if (!File.Exists(path))
        {
            _notes.Add($"The key {path} is not on this machine; correct keyFile in the profile.");
        }
        else if (Problem(path) is { } problem)
        {
            _notes.Add(problem);
        }

        return text.StartsWith("~/", StringComparison.Ordinal) ? text : path;
    }

    private static string? Problem(string path)
    {
        try
        {
            using var key = PrivateKeyLoader.Load(path, null, []);
            return null;
        }
        catch (EtcdDrException e) when (e.ErrorId == KeyErrors.PassphraseRequiredId)
        {
            return $"The key {path} has a passphrase, and a profile holds no secrets: load the key into an ssh-agent, give it with "
                + "Get-EtcdCluster -KeyPassphrase, or add keyPassphraseEnv with the name of an environment variable.";
        }
        catch (EtcdDrException e)
        {
            return $"{e.Message} {e.RecommendedAction}";
        }
    }
}
