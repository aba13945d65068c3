using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;
using Microsoft.AspNetCore.Http;

namespace EtcdDr.Lab.ApiServer;

/// <summary>The REST semantics of resources: get, list, watch, create, update, patch, delete and the subresources that the lab
/// needs.</summary>
internal sealed class ApiHandler(
    IObjectStore store,
    string root,
    ApiServerFlags flags,
    Authentication authentication,
    WebhookAdmission webhooks,
    OrderedFaults faults,
    CancellationToken stopping
)
{
    private readonly ConcurrentDictionary<string, bool> namespaces = new();

    public async Task HandleAsync(HttpContext context, RequestInfo request)
    {
        var resource = await FindAsync(request, context.RequestAborted) ?? throw StatusException.NoPath();
        if (resource.Namespaced && request.Namespace is null && request.Name is not null)
            throw StatusException.NoPath();
        var query = context.Request.Query;
        switch (context.Request.Method)
        {
            case "GET" when request.Name is null && query["watch"] == "true":
                await WatchAsync(context, resource, request);
                break;
            case "GET" when request.Name is null:
                await ListAsync(context, resource, request);
                break;
            case "GET" when request.Subresource == "scale":
                await WriteAsync(context, 200, ScaleOf(resource, (await NeedAsync(resource, request, context.RequestAborted)).Object));
                break;
            case "GET" when request.Subresource is null or "status":
                await WriteAsync(
                    context,
                    200,
                    Shape(context, resource, (await NeedAsync(resource, request, context.RequestAborted)).Object)
                );
                break;
            case "POST" when request.Subresource is "eviction":
                await EvictAsync(context, resource, request);
                break;
            case "POST" when request.Subresource is "binding":
                await BindAsync(context, resource, request);
                break;
            case "POST" when request.Subresource is "token":
                await TokenAsync(context, resource, request);
                break;
            case "POST" when request.Name is null:
                await CreateAsync(context, resource, request);
                break;
            case "PUT" when request.Name is not null:
                await UpdateAsync(context, resource, request);
                break;
            case "PATCH" when request.Name is not null:
                await PatchAsync(context, resource, request);
                break;
            case "DELETE" when request.Name is null:
                await DeleteAllAsync(context, resource, request);
                break;
            case "DELETE":
                await DeleteAsync(context, resource, request);
                break;
            default:
                throw new StatusException(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }
    }

    /// <summary>The resources of CRDs as they are now.</summary>
    public async Task<IReadOnlyList<Resource>> CustomAsync(CancellationToken cancellationToken)
    {
        var prefix = Resources.Definitions.Prefix(root, null);
        var found = new List<Resource>();
        await foreach (var page in store.PagesAsync(Resources.Definitions, prefix, cancellationToken))
            found.AddRange(page.Items.SelectMany(d => Resources.From(d.Object)));
        return found;
    }

    public static async Task WriteAsync(HttpContext context, int code, JsonNode body)
    {
        var bytes = Json.Bytes(body);
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private async Task<Resource?> FindAsync(RequestInfo request, CancellationToken cancellationToken)
    {
        bool Fits(Resource r) => r.Group == request.Group && r.Version == request.Version && r.Plural == request.Plural;
        return Resources.BuiltIn.FirstOrDefault(Fits)
            ?? (request.Group.Contains('.') ? (await CustomAsync(cancellationToken)).FirstOrDefault(Fits) : null);
    }

    private async Task<Stored> NeedAsync(Resource resource, RequestInfo request, CancellationToken cancellationToken) =>
        await store.GetAsync(resource, resource.Key(root, request.Namespace, request.Name!), cancellationToken)
        ?? throw StatusException.NotFound(resource, request.Name!);

    private async Task ListAsync(HttpContext context, Resource resource, RequestInfo request)
    {
        var query = context.Request.Query;
        var prefix = resource.Prefix(root, request.Namespace);
        var test = Selectors.Parse(query["labelSelector"], query["fieldSelector"]);
        var filtered = query.ContainsKey("labelSelector") || query.ContainsKey("fieldSelector");
        var limit = long.TryParse(query["limit"], CultureInfo.InvariantCulture, out var l) ? l : 0;
        var (revision, start) = query["continue"].ToString() is { Length: > 0 } token
            ? ContinueToken.Read(token, prefix)
            : (await RevisionOfListAsync(query, context.RequestAborted), prefix);
        var items = new JsonArray();
        StoredPage page;
        do
        {
            page = await store.PageAsync(resource, prefix, start, limit == 0 ? 0 : limit - items.Count, revision, context.RequestAborted);
            revision = page.Revision;
            foreach (var item in page.Items.Where(i => test(i.Object)))
                items.Add(Strip(context, resource, item.Object));
            if (page.LastKey is not null)
                start = page.LastKey + "\0";
        } while (page.More && (limit == 0 || items.Count < limit));
        var metadata = new JsonObject { ["resourceVersion"] = Defaults.Text(revision) };
        if (page.More)
        {
            metadata["continue"] = ContinueToken.Make(revision, prefix, page.LastKey!);
            if (!filtered)
                metadata["remainingItemCount"] = page.Remaining;
        }

        var metadataOnly = MetadataOnly(context);
        await WriteAsync(
            context,
            200,
            new JsonObject
            {
                ["kind"] = metadataOnly ? "PartialObjectMetadataList" : resource.Kind + "List",
                ["apiVersion"] = metadataOnly ? "meta.k8s.io/v1" : resource.ApiVersion,
                ["metadata"] = metadata,
                ["items"] = items,
            }
        );
    }

    private async Task<long> RevisionOfListAsync(IQueryCollection query, CancellationToken cancellationToken)
    {
        if (!long.TryParse(query["resourceVersion"], CultureInfo.InvariantCulture, out var wanted) || wanted == 0)
            return 0;
        var current = await store.RevisionAsync(cancellationToken);
        if (wanted > current)
            throw StatusException.TooLarge(wanted, current);
        return query["resourceVersionMatch"] == "Exact" ? wanted : 0;
    }

    private async Task WatchAsync(HttpContext context, Resource resource, RequestInfo request)
    {
        var query = context.Request.Query;
        var test = Selectors.Parse(query["labelSelector"], query["fieldSelector"]);
        var prefix = resource.Prefix(root, request.Namespace);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        end.CancelAfter(
            TimeSpan.FromSeconds(
                long.TryParse(query["timeoutSeconds"], CultureInfo.InvariantCulture, out var s) && s > 0
                    ? s
                    : 1800 + Random.Shared.Next(1800)
            )
        );
        using var writer = new WatchWriter(context, resource, query["allowWatchBookmarks"] == "true");
        var since = long.TryParse(query["resourceVersion"], CultureInfo.InvariantCulture, out var rv) ? rv : 0;
        if (since == 0 || query["sendInitialEvents"] == "true")
        {
            await foreach (var page in store.PagesAsync(resource, prefix, end.Token))
            {
                since = page.Revision;
                await writer.StartAsync();
                foreach (var item in page.Items.Where(i => test(i.Object)))
                    await writer.WriteAsync("ADDED", Strip(context, resource, item.Object, withKind: true), since);
            }

            if (query["sendInitialEvents"] == "true")
                await writer.BookmarkAsync(since, initialEnd: true);
        }

        await writer.StartAsync();
        using var bookmarks = new Timer(_ => writer.BookmarkInBackground(), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        writer.Revision = since;
        try
        {
            await foreach (var change in store.WatchAsync(resource, prefix, since, end.Token))
                await SendAsync(context, resource, writer, change, test);
        }
        catch (OperationCanceledException)
        {
            // The time is over, the client went, or the server stops.
        }
        catch (StatusException exception)
        {
            await writer.WriteAsync("ERROR", exception.ToStatus(), 0);
        }
        catch (Grpc.Core.RpcException)
        {
            // etcd went away: the client starts anew from what it saw, as from a closed watch.
        }
    }

    private static async Task SendAsync(
        HttpContext context,
        Resource resource,
        WatchWriter writer,
        StoredChange change,
        Func<JsonObject, bool> test
    )
    {
        var before = change.Before is not null && test(change.Before.Object);
        var after = change.After is not null && test(change.After.Object);
        if (!before && !after)
            return;
        var item = after ? change.After!.Object : change.Before!.Object;
        // What leaves the selection is shown as it was, at the revision of the change.
        if (!after)
            item.Make("metadata")["resourceVersion"] = Defaults.Text(change.Revision);
        await writer.WriteAsync(
            after
                ? before
                    ? "MODIFIED"
                    : "ADDED"
                : "DELETED",
            Strip(context, resource, item, withKind: true),
            change.Revision
        );
    }

    private async Task CreateAsync(HttpContext context, Resource resource, RequestInfo request) =>
        await CreateAsync(context, resource, request, await BodyAsync(context), null);

    private async Task CreateAsync(HttpContext context, Resource resource, RequestInfo request, JsonObject item, JsonObject? applied)
    {
        var metadata = item.Make("metadata");
        if (metadata.Text("name") is not { Length: > 0 })
        {
            var prefix = metadata.Text("generateName") is { Length: > 0 } g
                ? g
                : throw StatusException.Invalid(resource, "", "metadata.name: Required value: name or generateName is required");
            metadata["name"] = prefix + Defaults.RandomSuffix();
        }

        var name = item.Name();
        if (resource.Namespaced)
        {
            var ns = request.Namespace ?? throw StatusException.NoPath();
            if (item.Namespace() is { Length: > 0 } other && other != ns)
                throw StatusException.BadRequest($"the namespace of the provided object does not match the namespace sent on the request");
            metadata["namespace"] = ns;
            await NeedNamespaceAsync(ns, name, context.RequestAborted);
        }

        item["kind"] = resource.Kind;
        item["apiVersion"] = resource.ApiVersion;
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Json.Time(DateTimeOffset.UtcNow);
        foreach (
            var own in (string[])
                ["resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "managedFields"]
        )
            metadata.Remove(own);
        if (item.At("spec") is not null && resource.Plural is not ("pods" or "nodes" or "namespaces" or "services" or "leases"))
            metadata["generation"] = 1;
        if (resource.HasStatus && resource.Plural is not ("nodes" or "pods"))
            item.Remove("status");
        Defaults.Apply(resource, item);
        if (resource.FullName == "services")
            await AssignAddressAsync(resource, item, context.RequestAborted);
        await webhooks.AdmitAsync("CREATE", resource, request, item, context.RequestAborted);
        if (applied is not null)
            ServerSideApply.Own(item, applied, context.Request.Query["fieldManager"].ToString());
        if (context.Request.Query["dryRun"] == "All")
        {
            await WriteAsync(context, 201, item);
            return;
        }
        var revision =
            await store.PutAsync(resource, resource.Key(root, request.Namespace, name), item, 0, context.RequestAborted)
            ?? throw StatusException.AlreadyExists(resource, name);
        metadata["resourceVersion"] = Defaults.Text(revision);
        await WriteAsync(context, 201, item);
    }

    private async Task NeedNamespaceAsync(string ns, string name, CancellationToken cancellationToken)
    {
        if (namespaces.ContainsKey(ns) && ns is "kube-system" or "default" or "kube-node-lease" or "kube-public")
            return;
        var found =
            await store.GetAsync(Resources.Namespaces, Resources.Namespaces.Key(root, null, ns), cancellationToken)
            ?? throw StatusException.NotFound(Resources.Namespaces, ns);
        if (found.Object.Text("metadata", "deletionTimestamp") is not null)
            throw new StatusException(
                403,
                "Forbidden",
                $"\"{name}\" is forbidden: unable to create new content in namespace {ns} because it is being terminated"
            );
        namespaces[ns] = true;
    }

    private async Task AssignAddressAsync(Resource resource, JsonObject service, CancellationToken cancellationToken)
    {
        var range = flags.All("service-cluster-ip-range") is [var first, ..] ? first : "10.96.0.0/12";
        var prefix = resource.Prefix(root, null);
        var taken = new List<string>();
        await foreach (var page in store.PagesAsync(resource, prefix, cancellationToken))
            taken.AddRange(page.Items.Select(i => i.Object.Text("spec", "clusterIP") ?? ""));
        Defaults.AssignClusterIP(service, range, taken);
    }

    private async Task UpdateAsync(HttpContext context, Resource resource, RequestInfo request)
    {
        var body = await BodyAsync(context);
        if (request.Subresource == "scale")
        {
            await ChangeAsync(context, resource, request, current => SetReplicas(current, body.Number("spec", "replicas") ?? 0));
            return;
        }

        if (body.Name() != request.Name)
            throw StatusException.BadRequest($"the name of the object ({body.Name()}) does not match the name on the URL ({request.Name})");
        var expected = body.Text("metadata", "resourceVersion");
        var uid = body.Text("metadata", "uid");
        await ChangeAsync(
            context,
            resource,
            request,
            current =>
            {
                if (!string.IsNullOrEmpty(expected) && expected != current.Text("metadata", "resourceVersion"))
                    throw StatusException.Conflict(resource, request.Name!);
                if (!string.IsNullOrEmpty(uid) && uid != current.Uid())
                    throw StatusException.Conflict(
                        resource,
                        request.Name!,
                        $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid()}"
                    );
                return body.Copy();
            },
            once: !string.IsNullOrEmpty(expected)
        );
    }

    private async Task PatchAsync(HttpContext context, Resource resource, RequestInfo request)
    {
        var mediaType = (context.Request.ContentType ?? "").Split(';')[0].Trim();
        var patch = await NodeAsync(context, yaml: mediaType == "application/apply-patch+yaml");
        if (mediaType == "application/strategic-merge-patch+json" && resource.Custom)
            throw new StatusException(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, "
                    + "application/merge-patch+json, application/apply-patch+yaml"
            );
        if (request.Subresource == "scale")
        {
            await ChangeAsync(context, resource, request, current => SetReplicas(current, patch.Number("spec", "replicas") ?? 0));
            return;
        }

        if (mediaType == "application/apply-patch+yaml" && patch is JsonObject applied && request.Subresource is null)
        {
            await ApplyAsync(context, resource, request, applied);
            return;
        }

        var expected = patch.Text("metadata", "resourceVersion");
        await ChangeAsync(
            context,
            resource,
            request,
            current =>
            {
                if (!string.IsNullOrEmpty(expected) && expected != current.Text("metadata", "resourceVersion"))
                    throw StatusException.Conflict(resource, request.Name!);
                return Patches.Apply(current.Copy(), patch, mediaType);
            }
        );
    }

    private async Task ApplyAsync(HttpContext context, Resource resource, RequestInfo request, JsonObject applied)
    {
        if (context.Request.Query["fieldManager"].ToString() is not { Length: > 0 } manager)
            throw StatusException.BadRequest(
                "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch"
            );
        if (applied.Text("kind") != resource.Kind || applied.Text("apiVersion") != resource.ApiVersion)
            throw StatusException.BadRequest(
                "failed to create typed patch object: the kind of the object does not match the one of the URL"
            );
        var key = resource.Key(root, request.Namespace, request.Name!);
        if (await store.GetAsync(resource, key, context.RequestAborted) is null)
        {
            var made = applied.Copy();
            made.Make("metadata")["name"] = request.Name;
            await CreateAsync(context, resource, request, made, applied);
            return;
        }

        var force = context.Request.Query["force"] == "true";
        await ChangeAsync(
            context,
            resource,
            request,
            current =>
                ServerSideApply.Apply(
                    current,
                    applied,
                    manager,
                    force,
                    conflicts => StatusException.ApplyConflict(resource, request.Name!, [.. conflicts])
                ),
            ownsFields: true
        );
    }

    private static JsonObject SetReplicas(JsonObject current, long replicas)
    {
        var changed = current.Copy();
        changed.Make("spec")["replicas"] = replicas;
        return changed;
    }

    /// <summary>Reads, changes and writes back; another's write in between is met by doing it again, except where the caller named a
    /// version.</summary>
    private async Task ChangeAsync(
        HttpContext context,
        Resource resource,
        RequestInfo request,
        Func<JsonObject, JsonObject> change,
        bool once = false,
        bool ownsFields = false
    )
    {
        var key = resource.Key(root, request.Namespace, request.Name!);
        faults.Contend(context, resource, request.Name!);
        for (var tries = 0; tries < 10; tries++)
        {
            var current = await NeedAsync(resource, request, context.RequestAborted);
            var proposed = change(current.Object);
            if (!ownsFields)
                ServerSideApply.Keep(current.Object, proposed);
            Immutable.Check(resource, request, current.Object, proposed);
            var changed = Keep(resource, request, current.Object, proposed);
            await webhooks.AdmitAsync("UPDATE", resource, request, changed, context.RequestAborted);
            if (JsonNode.DeepEquals(changed, current.Object) || context.Request.Query["dryRun"] == "All")
            {
                await AnswerAsync(context, resource, request, changed);
                return;
            }
            if (
                changed.Text("metadata", "deletionTimestamp") is not null
                && Finalized(resource, changed)
                && changed.Number("metadata", "deletionGracePeriodSeconds") is null or 0
            )
            {
                if (await store.DeleteAsync(key, current.Revision, context.RequestAborted))
                {
                    await AnswerAsync(context, resource, request, changed);
                    return;
                }
            }
            else if (await store.PutAsync(resource, key, changed, current.Revision, context.RequestAborted) is { } revision)
            {
                changed.Make("metadata")["resourceVersion"] = Defaults.Text(revision);
                await AnswerAsync(context, resource, request, changed);
                return;
            }

            if (once)
                break;
        }

        throw StatusException.Conflict(resource, request.Name!);
    }

    private static Task AnswerAsync(HttpContext context, Resource resource, RequestInfo request, JsonObject item) =>
        WriteAsync(context, 200, request.Subresource == "scale" ? ScaleOf(resource, item) : Shape(context, resource, item));

    /// <summary>What an update may not change, and the split between status and the rest.</summary>
    private static JsonObject Keep(Resource resource, RequestInfo request, JsonObject current, JsonObject changed)
    {
        var metadata = changed.Make("metadata");
        foreach (
            var own in (string[])
                [
                    "name",
                    "namespace",
                    "uid",
                    "creationTimestamp",
                    "deletionTimestamp",
                    "deletionGracePeriodSeconds",
                    "generation",
                    "resourceVersion",
                ]
        )
        {
            if (current.At("metadata", own) is { } value)
                metadata[own] = value.DeepClone();
            else
                metadata.Remove(own);
        }

        changed["kind"] = resource.Kind;
        changed["apiVersion"] = resource.ApiVersion;
        if (request.Subresource == "status")
        {
            var result = current.Copy();
            result["status"] = changed["status"]?.DeepClone();
            // Controllers of custom resources and the kubelet set annotations and labels with the status too; the real one takes those of
            // nodes only.
            if (resource.Plural == "nodes")
                result["metadata"] = metadata.DeepClone();
            return result;
        }

        if (resource.HasStatus)
        {
            if (current["status"] is { } status)
                changed["status"] = status.DeepClone();
            else
                changed.Remove("status");
        }

        if (metadata.Number("generation") is { } generation && !JsonNode.DeepEquals(current["spec"], changed["spec"]))
            metadata["generation"] = generation + 1;
        return changed;
    }

    private async Task EvictAsync(HttpContext context, Resource resource, RequestInfo request)
    {
        var body = await BodyAsync(context);
        await DeleteOneAsync(context, resource, request, body.At("deleteOptions") as JsonObject ?? []);
        await WriteAsync(
            context,
            201,
            new JsonObject
            {
                ["kind"] = "Status",
                ["apiVersion"] = "v1",
                ["metadata"] = new JsonObject(),
                ["status"] = "Success",
                ["code"] = 201,
            }
        );
    }

    private async Task BindAsync(HttpContext context, Resource resource, RequestInfo request)
    {
        var body = await BodyAsync(context);
        var node = body.Text("target", "name") ?? "";
        for (var tries = 0; tries < 5; tries++)
        {
            var pod = await NeedAsync(resource, request, context.RequestAborted);
            if (pod.Object.Text("spec", "nodeName") is { Length: > 0 } assigned)
                throw StatusException.Conflict(resource, request.Name!, $"pod {request.Name} is already assigned to node \"{assigned}\"");
            pod.Object.Make("spec")["nodeName"] = node;
            Conditions.Set(pod.Object, "PodScheduled", "True", null);
            if (await store.PutAsync(resource, pod.Key, pod.Object, pod.Revision, context.RequestAborted) is null)
                continue;
            await WriteAsync(
                context,
                201,
                new JsonObject
                {
                    ["kind"] = "Status",
                    ["apiVersion"] = "v1",
                    ["metadata"] = new JsonObject(),
                    ["status"] = "Success",
                    ["code"] = 201,
                }
            );
            return;
        }

        throw StatusException.Conflict(resource, request.Name!);
    }

    private async Task TokenAsync(HttpContext context, Resource resource, RequestInfo request)
    {
        var account = await NeedAsync(resource, request, context.RequestAborted);
        var body = await BodyAsync(context);
        var (token, expires) = authentication.Issue(
            request.Namespace!,
            request.Name!,
            account.Object.Uid(),
            body.Texts("spec", "audiences"),
            body.Number("spec", "expirationSeconds") ?? 3600
        );
        body["kind"] = "TokenRequest";
        body["apiVersion"] = "authentication.k8s.io/v1";
        body["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = Json.Time(expires) };
        await WriteAsync(context, 201, body);
    }

    private async Task DeleteAllAsync(HttpContext context, Resource resource, RequestInfo request)
    {
        var test = Selectors.Parse(context.Request.Query["labelSelector"], context.Request.Query["fieldSelector"]);
        var options = await OptionsAsync(context);
        var prefix = resource.Prefix(root, request.Namespace);
        var revision = 0L;
        var selected = new List<(string Namespace, string Name)>();
        await foreach (var page in store.PagesAsync(resource, prefix, context.RequestAborted))
        {
            revision = page.Revision;
            selected.AddRange(page.Items.Where(i => test(i.Object)).Select(i => (i.Object.Namespace(), i.Object.Name())));
        }

        foreach (var (ns, name) in selected)
        {
            var one = request with { Namespace = resource.Namespaced ? ns : null, Name = name };
            try
            {
                await DeleteOneAsync(context, resource, one, options);
            }
            catch (StatusException exception) when (exception.Code == 404)
            {
                // Another was faster.
            }
        }

        await WriteAsync(
            context,
            200,
            new JsonObject
            {
                ["kind"] = resource.Kind + "List",
                ["apiVersion"] = resource.ApiVersion,
                ["metadata"] = new JsonObject { ["resourceVersion"] = Defaults.Text(revision) },
                ["items"] = new JsonArray(),
            }
        );
    }

    private async Task DeleteAsync(HttpContext context, Resource resource, RequestInfo request)
    {
        var options = await OptionsAsync(context);
        var (left, uid) = await DeleteOneAsync(context, resource, request, options);
        if (left is not null)
        {
            await WriteAsync(context, 200, left);
            return;
        }
        var details = new JsonObject
        {
            ["name"] = request.Name,
            ["kind"] = resource.Plural,
            ["uid"] = uid,
        };
        if (resource.Group.Length > 0)
            details["group"] = resource.Group;
        await WriteAsync(
            context,
            200,
            new JsonObject
            {
                ["kind"] = "Status",
                ["apiVersion"] = "v1",
                ["metadata"] = new JsonObject(),
                ["status"] = "Success",
                ["details"] = details,
            }
        );
    }

    /// <summary>The object when it stays for now (grace, finalizers), null when it is gone; and its uid.</summary>
    private async Task<(JsonObject? Left, string Uid)> DeleteOneAsync(
        HttpContext context,
        Resource resource,
        RequestInfo request,
        JsonObject options
    )
    {
        for (var tries = 0; tries < 10; tries++)
        {
            var current = await NeedAsync(resource, request, context.RequestAborted);
            var item = current.Object;
            CheckPreconditions(resource, request.Name!, item, options);
            await webhooks.AdmitAsync("DELETE", resource, request, item, context.RequestAborted);
            if (options.Texts("dryRun").Contains("All"))
                return (item, item.Uid());
            var grace = GraceOf(resource, item, options);
            if (grace == 0 && Finalized(resource, item))
            {
                if (await store.DeleteAsync(current.Key, current.Revision, context.RequestAborted))
                    return (null, item.Uid());
                continue;
            }

            var metadata = item.Make("metadata");
            var known = metadata.Number("deletionGracePeriodSeconds");
            if (metadata.Text("deletionTimestamp") is not null && !(known > grace))
                return (item, item.Uid());
            metadata["deletionTimestamp"] = Json.Time(DateTimeOffset.UtcNow.AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace;
            if (resource.FullName == "namespaces")
                item.Make("status")["phase"] = "Terminating";
            if (await store.PutAsync(resource, current.Key, item, current.Revision, context.RequestAborted) is not { } revision)
                continue;
            metadata["resourceVersion"] = Defaults.Text(revision);
            return (item, item.Uid());
        }

        throw StatusException.Conflict(resource, request.Name!);
    }

    private static void CheckPreconditions(Resource resource, string name, JsonObject item, JsonObject options)
    {
        if (options.Text("preconditions", "uid") is { } uid && uid != item.Uid())
            throw StatusException.Conflict(
                resource,
                name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {item.Uid()}"
            );
        if (options.Text("preconditions", "resourceVersion") is { } version && version != item.Text("metadata", "resourceVersion"))
            throw StatusException.Conflict(resource, name, $"Precondition failed: ResourceVersion in precondition: {version}");
    }

    /// <summary>Only pods have grace; those that no kubelet will answer for have none: unscheduled, ended, or mirror pods.</summary>
    private static long GraceOf(Resource resource, JsonObject item, JsonObject options)
    {
        if (resource.FullName != "pods")
            return 0;
        if (item.Text("spec", "nodeName") is not { Length: > 0 } || item.Text("status", "phase") is "Succeeded" or "Failed")
            return 0;
        if (item.At("metadata", "annotations", "kubernetes.io/config.mirror") is not null)
            return 0;
        return Math.Max(0, options.Number("gracePeriodSeconds") ?? item.Number("spec", "terminationGracePeriodSeconds") ?? 30);
    }

    private static bool Finalized(Resource resource, JsonObject item) =>
        !item.Texts("metadata", "finalizers").Any() && (resource.FullName != "namespaces" || !item.Texts("spec", "finalizers").Any());

    private static JsonObject ScaleOf(Resource resource, JsonObject item) =>
        new()
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = item.Name(),
                ["namespace"] = item.Namespace(),
                ["uid"] = item.Uid(),
                ["resourceVersion"] = item.Text("metadata", "resourceVersion"),
            },
            ["spec"] = new JsonObject { ["replicas"] = item.Number("spec", "replicas") ?? 0 },
            ["status"] = new JsonObject { ["replicas"] = item.Number("status", "replicas") ?? 0, ["selector"] = resource.Plural },
        };

    private static bool MetadataOnly(HttpContext context) =>
        context.Request.Headers.Accept.ToString().Split(',')[0].Contains("as=PartialObjectMetadata", StringComparison.Ordinal);

    private static JsonObject Shape(HttpContext context, Resource resource, JsonObject item) =>
        Strip(context, resource, item, withKind: true);

    /// <summary>Items of a list carry no kind; who asks for metadata gets no more.</summary>
    private static JsonObject Strip(HttpContext context, Resource resource, JsonObject item, bool withKind = false)
    {
        if (MetadataOnly(context))
        {
            return new JsonObject
            {
                ["kind"] = "PartialObjectMetadata",
                ["apiVersion"] = "meta.k8s.io/v1",
                ["metadata"] = item["metadata"]?.DeepClone(),
            };
        }

        if (withKind || resource.Custom)
        {
            item["kind"] = resource.Kind;
            item["apiVersion"] = resource.ApiVersion;
        }
        else
        {
            item.Remove("kind");
            item.Remove("apiVersion");
        }

        return item;
    }

    private static async Task<JsonObject> OptionsAsync(HttpContext context)
    {
        // As the real one does: where there is a body, the query is not looked at.
        if (context.Request.ContentLength is not (null or 0) || context.Request.Headers.ContainsKey("Transfer-Encoding"))
            return await BodyAsync(context);
        var options = new JsonObject();
        if (long.TryParse(context.Request.Query["gracePeriodSeconds"], CultureInfo.InvariantCulture, out var grace))
            options["gracePeriodSeconds"] = grace;
        if (context.Request.Query["dryRun"] == "All")
            options["dryRun"] = new JsonArray("All");
        return options;
    }

    private static async Task<JsonObject> BodyAsync(HttpContext context) =>
        await NodeAsync(context, (context.Request.ContentType ?? "").Contains("yaml", StringComparison.Ordinal)) as JsonObject
        ?? throw StatusException.BadRequest("the body of the request is no object");

    private static async Task<JsonNode> NodeAsync(HttpContext context, bool yaml)
    {
        if ((context.Request.ContentType ?? "").Contains("protobuf", StringComparison.Ordinal))
            throw new StatusException(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml"
            );
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        try
        {
            return (yaml && !text.StartsWith('{') ? Yaml.Parse(text) : JsonNode.Parse(text))
                ?? throw StatusException.BadRequest("the body of the request is empty");
        }
        catch (Exception exception) when (exception is JsonException or YamlDotNet.Core.YamlException)
        {
            throw StatusException.BadRequest($"the object provided is unrecognized (must be of type JSON or YAML): {exception.Message}");
        }
    }
}
