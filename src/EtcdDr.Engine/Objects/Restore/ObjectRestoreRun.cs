using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Objects.Order;
using EtcdDr.Engine.Objects.Owners;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Objects.Restore;

/// <summary>One run over a batch of objects, turn by turn. Without a record it is a plan: the cluster is asked what it would do.</summary>
internal sealed class ObjectRestoreRun
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly OperationContext _context;
    private readonly TargetCluster _target;
    private readonly ObjectBatch _batch;
    private readonly ObjectRestoreOptions _options;
    private readonly ObjectRecord? _record;
    private readonly Action<ClusterObjectResult> _emit;
    private readonly ObjectWriter _writer;
    private readonly LiveObjects _live;
    private readonly NewOwners _owners;
    private PlanNotes? _planNotes;
    private int _done;

    public ObjectRestoreRun(
        OperationContext context,
        TargetCluster target,
        ObjectBatch batch,
        ObjectRestoreOptions options,
        ObjectRecord? record,
        Action<ClusterObjectResult> emit
    )
    {
        (_context, _target, _batch, _options, _record, _emit) = (context, target, batch, options, record, emit);
        _writer = new ObjectWriter(target, options, IsPlan);
        _live = new LiveObjects(target.Api, context.ThrottleLimit);
        _owners = new NewOwners(target, new OwnerGraph(batch.Items));
    }

    private bool IsPlan => _record is null;

    /// <summary>Runs.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var (item, reason) in _batch.LeftOut)
        {
            _emit(Result(item, ClusterObjectAction.LeftOut) with { Message = reason });
        }

        _planNotes = IsPlan ? await PlanNotes.ReadAsync(_target, _batch, cancellationToken) : null;
        var number = 0;
        foreach (var turn in WorkOrder.Turns(_batch.Items, _target.IsAggregated))
        {
            number++;
            await RunAsync(turn, number, cancellationToken);
            if (turn.Stage is WorkStage.Definitions && !IsPlan)
            {
                await EstablishedAsync(turn.Items, cancellationToken);
            }
        }
    }

    private async Task RunAsync(WorkTurn turn, int number, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = _context.ThrottleLimit, CancellationToken = cancellationToken };
        var placed = new List<(KubeResource Resource, KubeObject Item)>();
        foreach (var item in turn.Items)
        {
            if (await PlaceAsync(item, cancellationToken) is { } place)
            {
                placed.Add(place);
            }
        }

        await _live.ReadAsync(placed, cancellationToken);
        var ready = new (KubeResource Resource, KubeObject Item, List<string> Notes)?[placed.Count];
        await Parallel.ForAsync(
            0,
            placed.Count,
            options,
            async (i, ct) => ready[i] = await PrepareAsync(placed[i].Resource, placed[i].Item, ct)
        );
        var work = ready.OfType<(KubeResource Resource, KubeObject Item, List<string> Notes)>().ToList();
        if (_record is not null)
        {
            var changing = work.Select(w => (w.Item, Before: _live.Of(w.Item))).Where(w => !ObjectWriter.IsThere(w.Before, w.Item.Body));
            await _record.WriteBeforeAsync(number, changing);
        }

        await Parallel.ForEachAsync(
            work,
            options,
            async (w, ct) => Conclude(await PutAsync(w.Resource, w.Item, w.Notes, number, ct), turn.Stage)
        );
        _live.Clear();
    }

    // Where the cluster serves it. A kind whose definition came a moment ago is waited for.
    private async Task<(KubeResource Resource, KubeObject Item)?> PlaceAsync(KubeObject item, CancellationToken cancellationToken)
    {
        var resource = _target.Find(item);
        if (resource is null && _batch.Defines(item))
        {
            if (IsPlan)
            {
                _emit(
                    Result(item, ClusterObjectAction.Create) with
                    {
                        Message = "Its definition comes first, so that the cluster could not be asked yet.",
                    }
                );
                return null;
            }

            resource = await ServedAsync(item, cancellationToken);
        }

        if (resource is null)
        {
            Refuse(item, ObjectErrors.KindNotServed(_target.Name, item, _target.Versions(item)), []);
            return null;
        }

        return (resource, InItsPlace(item, resource));
    }

    // Manifests may leave their namespace out, and name one where there is none.
    private static KubeObject InItsPlace(KubeObject item, KubeResource resource)
    {
        if (resource.IsNamespaced == item.Namespace is not null)
        {
            return item;
        }

        var moved = item with { Body = (JsonObject)item.Body.DeepClone() };
        if (resource.IsNamespaced)
        {
            moved.Body["metadata"]!["namespace"] = "default";
        }
        else
        {
            moved.Body["metadata"].RemoveAll("namespace");
        }

        return moved;
    }

    private async Task<KubeResource?> ServedAsync(KubeObject item, CancellationToken cancellationToken)
    {
        var deadline = _context.Time.GetUtcNow() + _options.RetryLimit;
        for (var pause = ShortestPause; _target.Find(item) is null && _context.Time.GetUtcNow() < deadline; pause = Longer(pause))
        {
            await Task.Delay(pause, _context.Time, cancellationToken);
            await _target.RefreshAsync(cancellationToken);
        }

        return _target.Find(item);
    }

    // The object as it is sent: with its owners' UIDs and without its own. Null where an owner was refused.
    private async Task<(KubeResource Resource, KubeObject Item, List<string> Notes)?> PrepareAsync(
        KubeResource resource,
        KubeObject item,
        CancellationToken cancellationToken
    )
    {
        var notes = _batch.Notes.GetValueOrDefault(item.Key, []).ToList();
        if (_owners.RefusedOwnerOf(item) is { } owner)
        {
            Refuse(item, ObjectErrors.OwnerRefused(_target.Name, item.Key, owner.Key), notes);
            return null;
        }

        var sent = item with { Body = (JsonObject)item.Body.DeepClone() };
        sent.Body["metadata"].RemoveAll("uid");
        try
        {
            await _owners.PutInAsync(sent, notes, cancellationToken);
        }
        catch (EtcdDrException e)
        {
            Refuse(item, ObjectErrors.Refused(_target.Name, item.Key, e), notes);
            return null;
        }

        if (_live.FailureOf(sent) is { } failure)
        {
            // What stands there could not be kept.
            Refuse(item, ObjectErrors.Refused(_target.Name, item.Key, failure), notes);
            return null;
        }

        return (resource, sent, notes);
    }

    private async Task<ClusterObjectResult> PutAsync(
        KubeResource resource,
        KubeObject item,
        List<string> notes,
        int turn,
        CancellationToken cancellationToken
    )
    {
        var deadline = _context.Time.GetUtcNow() + _options.RetryLimit;
        var live = _live.Of(item);
        for (var pause = ShortestPause; ; pause = Longer(pause))
        {
            try
            {
                var outcome = await _writer.PutAsync(resource, item, live, cancellationToken);
                _owners.Add(item, outcome.Answer);
                if (_record is not null && outcome.Action is not ClusterObjectAction.Unchanged)
                {
                    await _record.WriteAfterAsync(turn, item, outcome.Answer);
                }

                notes.AddRange(_planNotes?.Of(item, outcome.Answer) ?? []);
                return Result(item, outcome.Action) with { Paths = outcome.Paths, Message = Sentences(notes) };
            }
            catch (EtcdDrException e)
                when (IsPlan && ObjectRefusal.IsNamespaceMissing(e, item.Namespace) && _batch.HasNamespace(item.Namespace))
            {
                notes.Add("Its namespace comes first, so that the cluster could not be asked yet.");
                notes.AddRange(_planNotes?.Of(item, null) ?? []);
                return Result(item, ClusterObjectAction.Create) with { Message = Sentences(notes) };
            }
            catch (EtcdDrException e) when (!IsPlan && MayPass(e) && _context.Time.GetUtcNow() + pause < deadline)
            {
                _context.Sink.Verbose($"{item.Key} is tried again: {e.Message}");
            }
            catch (EtcdDrException e)
            {
                return Failed(item, e, notes);
            }

            await Task.Delay(pause, _context.Time, cancellationToken);
            live = await AgainAsync(resource, item, live, cancellationToken);
        }
    }

    private static bool MayPass(EtcdDrException e) => e.ErrorId == "ObjectBeingDeleted" || ObjectRefusal.MayPass(e);

    private async Task<JsonObject?> AgainAsync(
        KubeResource resource,
        KubeObject item,
        JsonObject? known,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await _live.ReadAsync(resource, item, cancellationToken);
        }
        catch (EtcdDrException e) when (ObjectRefusal.MayPass(e))
        {
            return known;
        }
    }

    private ClusterObjectResult Failed(KubeObject item, EtcdDrException failure, List<string> notes)
    {
        var isConflict = ObjectRefusal.IsConflict(failure);
        var told = isConflict ? ObjectErrors.Conflict(_target.Name, item.Key, failure) : failure;
        if (!IsPlan)
        {
            _context.Sink.Error(isConflict ? told : ObjectErrors.Refused(_target.Name, item.Key, failure));
        }

        _owners.Refuse(item);
        return Result(item, isConflict ? ClusterObjectAction.Conflict : ClusterObjectAction.Refused) with
        {
            Paths = ObjectRefusal.Fields(failure),
            Message = Sentences([told.Message, .. notes]),
            ErrorId = told.ErrorId,
        };
    }

    private void Refuse(KubeObject item, EtcdDrException failure, List<string> notes)
    {
        if (!IsPlan)
        {
            _context.Sink.Error(failure);
        }

        _owners.Refuse(item);
        _emit(
            Result(item, ClusterObjectAction.Refused) with
            {
                Message = Sentences([failure.Message, .. notes]),
                ErrorId = failure.ErrorId,
            }
        );
    }

    private void Conclude(ClusterObjectResult result, WorkStage stage)
    {
        _emit(result);
        var done = Interlocked.Increment(ref _done);
        _context.Sink.Progress(
            new ProgressUpdate(IsPlan ? $"Plan for {_target.Name}" : $"Objects into {_target.Name}", null, stage.ToString())
            {
                Percent = 100 * done / Math.Max(1, _batch.Items.Count),
                Completed = done == _batch.Items.Count,
            }
        );
    }

    // A definition is of use once the API server has taken its names and serves it.
    private async Task EstablishedAsync(IReadOnlyList<KubeObject> definitions, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.RetryLimit);
        foreach (var definition in definitions.Where(d => d.Is("CustomResourceDefinition.apiextensions.k8s.io") && _owners.IsThere(d)))
        {
            try
            {
                await EstablishedAsync(definition, limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                _context.Sink.Error(ObjectErrors.NotEstablished(_target.Name, definition.Name, _options.RetryLimit));
            }
        }

        await _target.RefreshAsync(cancellationToken);
    }

    private async Task EstablishedAsync(KubeObject definition, CancellationToken cancellationToken)
    {
        var events = _target.Api.WatchAsync(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            fieldSelector: $"metadata.name={definition.Name}",
            cancellationToken: cancellationToken
        );
        await foreach (var change in events)
        {
            var conditions = change.Item.ObjectsAt("status", "conditions");
            if (conditions.Any(c => c.TextAt("type") == "Established" && c.TextAt("status") == "True"))
            {
                return;
            }
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    private static string? Sentences(IReadOnlyList<string> notes) => notes.Count == 0 ? null : string.Join(' ', notes);

    private ClusterObjectResult Result(KubeObject item, ClusterObjectAction action) =>
        new()
        {
            Cluster = _target.Name,
            Action = action,
            Planned = IsPlan,
            ApiVersion = item.ApiVersion,
            Kind = item.Kind,
            Namespace = item.Namespace,
            Name = item.Name,
            Source = item.Source,
        };
}
