using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Trust;

namespace EtcdDr.Tests.Clusters;

public sealed class ProfileLocatorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-profile-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_named_one_comes_first_then_the_variable_then_the_current_directory_then_the_configuration()
    {
        var named = Write("named.yaml");
        var variable = Write("variable.yaml");
        var current = Write("current/etcddr.yaml");
        var configuration = Write("config/etcddr/etcddr.yaml");
        var environment = new Dictionary<string, string?>
        {
            ["ETCDDR_PROFILE"] = variable,
            ["XDG_CONFIG_HOME"] = Path.Combine(_directory, "config"),
        };

        Assert.Equal(named, Find(named));
        Assert.Equal(variable, Find(null));
        environment.Remove("ETCDDR_PROFILE");
        Assert.Equal(current, Find(null));
        File.Delete(current);
        Assert.Equal(configuration, Find(null));

        string Find(string? path) =>
            ProfileLocator.Find(path, Path.Combine(_directory, "current"), environment.GetValueOrDefault, null, _ => null);
    }

    [Fact]
    public void One_that_is_named_and_missing_is_an_error_even_if_another_could_be_found()
    {
        Write("etcddr.yaml");

        var error = Assert.Throws<EtcdDrException>(() => Find(name => name == "ETCDDR_PROFILE" ? "gone.yaml" : null));

        Assert.Equal("ProfileNotFound", error.ErrorId);
        Assert.Contains(Path.Combine(_directory, "gone.yaml"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void None_at_all_is_an_error_that_lists_where_it_was_looked_for()
    {
        var error = Assert.Throws<EtcdDrException>(() => Find(name => name == "XDG_CONFIG_HOME" ? _directory : null));

        Assert.Contains(Path.Combine(_directory, "etcddr.yaml"), error.Message, StringComparison.Ordinal);
        Assert.Contains("/etc/etcddr/etcddr.yaml", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_somebody_else_could_have_written_is_passed_over_with_a_warning()
    {
        var strangers = Write("etcddr.yaml");
        var own = Write("config/etcddr/etcddr.yaml");
        var warnings = new List<string>();

        var found = ProfileLocator.Find(
            null,
            _directory,
            name => name == "XDG_CONFIG_HOME" ? Path.Combine(_directory, "config") : null,
            warnings.Add,
            path => path == strangers ? new FileDoubt("It is a stranger's.", "Move it.") : null
        );

        Assert.Equal(own, found);
        Assert.Equal(["It is a stranger's. Move it."], warnings);
    }

    [Fact]
    public void One_that_is_named_and_could_be_a_strangers_is_refused_rather_than_another_used()
    {
        var named = Write("named.yaml");
        Write("etcddr.yaml");

        var error = Assert.Throws<EtcdDrException>(() =>
            ProfileLocator.Find(named, _directory, _ => null, null, _ => new FileDoubt("It is a stranger's.", "Move it."))
        );

        Assert.Equal("FileNotTrusted", error.ErrorId);
        Assert.Equal(EtcdDrErrorCategory.SecurityError, error.Category);
        Assert.Equal("Move it.", error.RecommendedAction);
    }

    [Fact]
    public void The_tilde_is_the_home_directory()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

        Assert.Equal(Path.Combine(home, ".kube/config"), ProfileLocator.Expand("~/.kube/config", "/srv"));
        Assert.Equal("/srv/x/~y", ProfileLocator.Expand("x/~y", "/srv"));
    }

    private string Find(Func<string, string?> environment) => ProfileLocator.Find(null, _directory, environment, null, _ => null);

    private string Write(string name)
    {
        var path = Path.Combine(_directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "clusters: {}");
        return path;
    }
}
