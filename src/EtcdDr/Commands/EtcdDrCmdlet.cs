using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Security;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Operations;
using EtcdDr.Progress;

namespace EtcdDr.Commands;

/// <summary>
/// Base of all cmdlets. The work is asynchronous and runs on worker threads; the pipeline thread meanwhile carries out what they ask for.
/// The <c>Write*</c> methods may therefore be called from any thread.
/// </summary>
/// <remarks>
/// Ctrl-C cancels the token that the work is given; the pipeline thread then waits until the work has cleaned up, at most
/// <see cref="CleanUpLimit"/>, and lets PowerShell's stop go on. An <see cref="EtcdDrException"/> that leaves <see cref="ProcessAsync"/> is
/// the error of that pipeline object, and the next one goes on; one that leaves <see cref="BeginAsync"/> or <see cref="EndAsync"/> concerns
/// the whole command and ends it.
/// </remarks>
public abstract class EtcdDrCmdlet : PSCmdlet, IDisposable
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> ObjectParameters = new();

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _giveUp = new();
    private PipelineQueue? _queue;
    private PipelineSink? _sink;
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);
    private int _pipelineThread;
    private SnapshotPlaces? _places;
    private EtcdProfile? _profile;

    /// <summary>How long a stopped cmdlet may take to leave things in order.</summary>
    protected virtual TimeSpan CleanUpLimit => TimeSpan.FromSeconds(60);

    /// <summary>How many nodes are worked on at once.</summary>
    protected virtual int Parallelism => 16;

    /// <summary>The profile that a parameter names, absolute; null where it is to be searched for.</summary>
    internal virtual string? NamedProfile => null;

    /// <summary>What parameters say of how SSH hosts are reached.</summary>
    private protected virtual SshOverrides SshParameters => new();

    /// <summary>Places of snapshots.</summary>
    private protected SnapshotPlaces Places => _places ??= new SnapshotPlaces(this, SshParameters);

    /// <summary>What is needed for all pipeline objects; runs on a worker thread before the first of them.</summary>
    /// <param name="context">Where to tell what is done.</param>
    /// <param name="cancellationToken">Cancelled by Ctrl-C.</param>
    protected virtual Task BeginAsync(OperationContext context, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The work for one pipeline object; runs on a worker thread.</summary>
    /// <param name="context">Where to tell what is done.</param>
    /// <param name="cancellationToken">Cancelled by Ctrl-C, and when the pipeline takes no more objects.</param>
    protected abstract Task ProcessAsync(OperationContext context, CancellationToken cancellationToken);

    /// <summary>The work after the last pipeline object, for cmdlets that gather their input first; runs on a worker thread.</summary>
    /// <param name="context">Where to tell what is done.</param>
    /// <param name="cancellationToken">Cancelled by Ctrl-C, and when the pipeline takes no more objects.</param>
    protected virtual Task EndAsync(OperationContext context, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    protected sealed override void BeginProcessing()
    {
        _pipelineThread = Environment.CurrentManagedThreadId;
        Pump(BeginAsync, ThrowTerminatingError);
    }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        try
        {
            CompleteObjects();
        }
        catch (EtcdDrException failure)
        {
            base.WriteError(ErrorRecords.From(failure));
            return;
        }

        Pump(ProcessAsync, base.WriteError);
    }

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Pump(EndAsync, ThrowTerminatingError);

    /// <inheritdoc/>
    protected sealed override void StopProcessing() => StopWork();

    /// <summary>Emits an object. A collection is emitted as one object.</summary>
    protected new void WriteObject(object? value) => Post(() => base.WriteObject(value));

    /// <summary>Emits an object, or each of a collection's.</summary>
    protected new void WriteObject(object? value, bool enumerateCollection) => Post(() => base.WriteObject(value, enumerateCollection));

    /// <summary>Writes detail for <c>-Verbose</c>.</summary>
    protected new void WriteVerbose(string text) => Post(() => base.WriteVerbose(text));

    /// <summary>Writes detail for <c>-Debug</c>.</summary>
    protected new void WriteDebug(string text) => Post(() => base.WriteDebug(text));

    /// <summary>Writes a warning.</summary>
    protected new void WriteWarning(string text) => Post(() => base.WriteWarning(text));

    /// <summary>Writes a non-terminating error.</summary>
    protected new void WriteError(ErrorRecord errorRecord) => Post(() => base.WriteError(errorRecord));

    /// <summary>Writes a non-terminating error.</summary>
    protected void WriteError(EtcdDrException error) => WriteError(ErrorRecords.From(error));

    /// <summary>Writes a progress record. Operations report through <see cref="IOperationSink.Progress"/>, which throttles.</summary>
    protected new void WriteProgress(ProgressRecord progressRecord) => Post(() => base.WriteProgress(progressRecord));

    /// <summary>Writes to the information stream.</summary>
    protected new void WriteInformation(object messageData, string[] tags) => Post(() => base.WriteInformation(messageData, tags));

    /// <summary>Asks for confirmation as <c>-WhatIf</c>, <c>-Confirm</c> and <c>$ConfirmPreference</c> say.</summary>
    /// <param name="target">What is changed.</param>
    /// <param name="action">What is done to it.</param>
    protected Task<bool> ShouldProcessAsync(string target, string action) => AskAsync(() => ShouldProcess(target, action));

    /// <summary>Asks for confirmation with a text of its own; <c>-WhatIf</c> prints <paramref name="description"/>.</summary>
    /// <param name="description">What will be done, whole sentences; may have several lines.</param>
    /// <param name="warning">The question of <c>-Confirm</c>.</param>
    /// <param name="caption">The question's heading.</param>
    protected Task<bool> ShouldProcessAsync(string description, string warning, string caption) =>
        AskAsync(() => ShouldProcess(description, warning, caption));

    /// <summary>Asks whatever <c>$ConfirmPreference</c> says. Fails in a non-interactive session: offer <c>-Force</c> to go round
    /// it.</summary>
    protected Task<bool> ShouldContinueAsync(string query, string caption) => AskAsync(() => ShouldContinue(query, caption));

    /// <summary>Calls something that only the pipeline thread may do, such as asking <see cref="PSCmdlet.SessionState"/>.</summary>
    protected Task<T> OnPipelineThreadAsync<T>(Func<T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (Environment.CurrentManagedThreadId == _pipelineThread || _queue is null)
            return Task.FromResult(function());

        return _queue.AskAsync(function);
    }

    /// <summary>The absolute path that a PowerShell path stands for. The file need not exist; wildcards are not expanded.</summary>
    /// <exception cref="EtcdDrException">The path is on a drive that is not a file system, or on one that does not exist.</exception>
    protected string ResolvePath(string literalPath) => Ask(() => PowerShellPath.Resolve(SessionState, literalPath));

    /// <summary>The same for classes that work for the cmdlet.</summary>
    internal string Resolve(string literalPath) => ResolvePath(literalPath);

    /// <summary>The absolute paths that a PowerShell path with wildcards stands for.</summary>
    internal IReadOnlyList<string> Expand(string path) => Ask(() => PowerShellPath.Expand(SessionState, path));

    /// <summary>The absolute path of <c>-LiteralPath</c>, or the one that <c>-Path</c> with its wildcards stands for.</summary>
    private protected string ResolveOne(string path, string? literalPath) =>
        literalPath is null ? Ask(() => PowerShellPath.ExpandOne(SessionState, path)) : ResolvePath(literalPath);

    /// <summary>Does something for each place that a path stands for; one place's failure is that place's, and the next one goes
    /// on.</summary>
    private protected async Task ForEachPlaceAsync(string path, bool literal, Func<SnapshotPlace, Task> action)
    {
        try
        {
            foreach (var place in Places.Expand(path, literal))
            {
                await TryAsync(() => action(place));
            }
        }
        catch (EtcdDrException failure)
        {
            WriteError(failure);
        }
    }

    /// <summary>Does something with one object of several: its failure is an error, and the others go on.</summary>
    private protected async Task TryAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (EtcdDrException failure)
        {
            WriteError(failure);
        }
    }

    /// <summary>Calls something that only the pipeline thread may do, and waits for it.</summary>
    internal T Ask<T>(Func<T> function) => OnPipelineThreadAsync(function).GetAwaiter().GetResult();

    /// <summary>The profile, read once for the command.</summary>
    /// <exception cref="EtcdDrException"><c>ProfileNotFound</c>, <c>FileNotTrusted</c>, <c>ProfileUnreadable</c>,
    /// <c>ProfileInvalid</c>.</exception>
    internal EtcdProfile LoadProfile() => _profile ??= EtcdProfile.Load(ProfileLocator.Find(NamedProfile, ResolvePath("."), WarnOnce));

    /// <summary>A secret of a vault, through Get-Secret.</summary>
    internal SecureString Secret(SecretReference secret) => Ask(() => VaultSecrets.Get(InvokeCommand, secret));

    // Where there is no other profile it is looked for again for each host.
    private void WarnOnce(string text)
    {
        if (_warned.Add(text))
        {
            WriteWarning(text);
        }
    }

    /// <summary>A certificate or private key as users name it: the absolute path where it is a file or directory, else the text, which is a
    /// thumbprint or subject.</summary>
    private protected string ResolveCertificate(string text)
    {
        var path = ResolvePath(text);
        return File.Exists(path) || Directory.Exists(path) ? path : text;
    }

    /// <summary>A snapshot with what opens its seal.</summary>
    private protected EtcdSnapshot WithDecryption(EtcdSnapshot snapshot, string? decryptWith, SecureString? passphrase) =>
        decryptWith is null ? snapshot : snapshot with { Decryption = new SnapshotDecryption(ResolveCertificate(decryptWith), passphrase) };

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the cmdlet holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
        // Work that did not clean up in time still holds the token; then it is left to the garbage collector.
        if (!disposing || _giveUp.IsCancellationRequested)
            return;

        _stop.Dispose();
        _giveUp.Dispose();
    }

    // A cluster that is a name only becomes the profile's; what came back from a job or a file gets again what is not told there.
    private void CompleteObjects()
    {
        foreach (var parameter in ObjectParameters.GetOrAdd(GetType(), ParametersWithObjects))
        {
            switch (parameter.GetValue(this))
            {
                case EtcdCluster { IsNameOnly: true } named:
                    parameter.SetValue(this, EtcdClusterResolver.FromProfile(LoadProfile(), named.Name, null, Secret));
                    break;
                case EtcdCluster { CameBack: true, ProfilePath: not null } cluster:
                    parameter.SetValue(this, EtcdClusterResolver.WithSecrets(cluster, Secret));
                    break;
                case EtcdSnapshot snapshot:
                    parameter.SetValue(this, Places.Bind(snapshot));
                    break;
                case EtcdSnapshot[] snapshots:
                    parameter.SetValue(this, Array.ConvertAll(snapshots, Places.Bind));
                    break;
                default:
                    break;
            }
        }
    }

    private static PropertyInfo[] ParametersWithObjects(Type cmdlet) =>
        [
            .. cmdlet
                .GetProperties()
                .Where(p => p.IsDefined(typeof(ClusterByNameAttribute)) || p.IsDefined(typeof(SnapshotArgumentAttribute))),
        ];

    private void Pump(Func<OperationContext, CancellationToken, Task> work, Action<ErrorRecord> fail)
    {
        _pipelineThread = Environment.CurrentManagedThreadId;
        using var queue = new PipelineQueue();
        using var sink = new PipelineSink(queue, this, Audience.IsInteractive(Host), TimeProvider.System);
        _queue = queue;
        _sink = sink;
        try
        {
            var context = new OperationContext(sink, Parallelism);
            var task = Task.Run(() => WorkAsync(work, context, sink, queue));
            RunQueue(queue);
            Conclude(task, fail);
        }
        finally
        {
            _queue = null;
            _sink = null;
        }
    }

    private Task<bool> AskAsync(Func<bool> question)
    {
        // A bar that is still shown would be drawn again beside every line of the question; it comes back with the next step.
        _sink?.CompleteProgress();
        return OnPipelineThreadAsync(question);
    }

    private void RunQueue(PipelineQueue queue)
    {
        try
        {
            if (!queue.Run(_giveUp.Token))
                throw new PipelineStoppedException();
        }
        catch
        {
            // The pipeline stops, takes no more objects, or -ErrorAction Stop applies: end the work, then let the pipeline's own exception
            // go on.
            StopWork();
            queue.Drain(_giveUp.Token);
            throw;
        }
    }

    private void StopWork()
    {
        // Not Cancel(): callbacks of the work must neither run on nor hold up the threads that stop the pipeline.
        _ = _stop.CancelAsync();
        _giveUp.CancelAfter(CleanUpLimit);
    }

    private async Task WorkAsync(
        Func<OperationContext, CancellationToken, Task> work,
        OperationContext context,
        PipelineSink sink,
        PipelineQueue queue
    )
    {
        try
        {
            // What ends up in names, ids, annotations, logs and messages is the same whatever calendar and decimal sign the user has. Flows
            // with the work and leaves the session alone.
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            await work(context, _stop.Token);
        }
        finally
        {
            sink.CompleteProgress();
            queue.Complete();
        }
    }

    private void Conclude(Task task, Action<ErrorRecord> fail)
    {
        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (PipelineStoppedException)
        {
            throw;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (EtcdDrException failure)
        {
            fail(ErrorRecords.From(failure));
        }
        catch (Exception failure)
        {
            ThrowTerminatingError(ErrorRecords.Unexpected(failure, MyInvocation.MyCommand?.Name ?? GetType().Name));
        }
    }

    private void Post(Action action)
    {
        if (Environment.CurrentManagedThreadId == _pipelineThread || _queue is null)
            action();
        else
            _queue.Post(action);
    }
}
