using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GeminiEdge.Sandbox.Gemini;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.TableStorage;

/// <summary>Answers as the Table service does.</summary>
/// <param name="tokens">The clock of tokens; null lets everybody in.</param>
internal sealed partial class TableServer(TableStore store, int pageSize, TimeProvider? tokens)
{
    public const string Resource = "https://storage.azure.com";

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has left: nobody waits for an answer.
        }
    }

    private async Task RouteAsync(HttpContext context)
    {
        var (method, path) = (context.Request.Method, context.Request.Path.Value!);
        if (tokens is not null && !IsAllowed(context.Request.Headers.Authorization.ToString(), tokens))
        {
            context.Response.Headers.WWWAuthenticate = $"Bearer authorization_uri=https://login.microsoftonline.com/sandbox/oauth2/authorize resource_id={Resource}";
            await FailAsync(context, 401, "NoAuthenticationInformation", "Server failed to authenticate the request.");
        }
        else if (method == "POST" && path is "/Tables" or "/Tables()")
        {
            await CreateAsync(context);
        }
        else if (Table().Match(path) is not { Success: true } match)
        {
            await FailAsync(context, 400, "InvalidUri", "The requested URI does not represent any resource on the server.");
        }
        else if (match.Groups["table"].Value is var table && !store.Has(table))
        {
            await FailAsync(context, 404, "TableNotFound", "The table specified does not exist.");
        }
        else if (match.Groups["partition"] is { Success: true, Value: var partition } && match.Groups["row"].Value is var row)
        {
            await EntityAsync(context, table, Unquoted(partition), Unquoted(row));
        }
        else if (method == "GET")
        {
            await ListAsync(context, table);
        }
        else
        {
            await FailAsync(context, 405, "UnsupportedHttpVerb", "The resource doesn't support the specified HTTP verb.");
        }
    }

    private async Task CreateAsync(HttpContext context)
    {
        if ((await ReadAsync(context))?.Text("TableName") is not { } name || !TableName().IsMatch(name))
        {
            await FailAsync(context, 400, "InvalidResourceName", "The specified resource name contains invalid characters.");
        }
        else if (!store.Create(name))
        {
            await FailAsync(context, 409, "TableAlreadyExists", "The table specified already exists.");
        }
        else if (context.Request.Headers["Prefer"] == "return-no-content")
        {
            context.Response.StatusCode = 204;
        }
        else
        {
            await AnswerAsync(context, 201, new() { ["TableName"] = name });
        }
    }

    private async Task EntityAsync(HttpContext context, string table, string partition, string row)
    {
        switch (context.Request.Method)
        {
            case "PUT" when await ReadAsync(context) is { } entity:
                store.Replace(table, partition, row, entity);
                context.Response.StatusCode = 204;
                break;
            case "PUT":
                await FailAsync(context, 400, "InvalidInput", "One of the request inputs is not valid.");
                break;
            case "DELETE" when store.Delete(table, partition, row):
                context.Response.StatusCode = 204;
                break;
            case "DELETE":
                await FailAsync(context, 404, "ResourceNotFound", "The specified resource does not exist.");
                break;
            default:
                await FailAsync(context, 405, "UnsupportedHttpVerb", "The resource doesn't support the specified HTTP verb.");
                break;
        }
    }

    private async Task ListAsync(HttpContext context, string table)
    {
        var query = context.Request.Query;
        var filter = query["$filter"].ToString();
        var partition = Partition().Match(filter);
        if (filter.Length > 0 && !partition.Success)
        {
            await FailAsync(context, 501, "NotImplemented", "The requested operation is not implemented on the specified resource.");
            return;
        }

        var size = int.TryParse(query["$top"], out var top) && top < pageSize ? top : pageSize;
        var found = store.List(table, partition.Success ? Unquoted(partition.Groups[1].Value) : null, (query["NextPartitionKey"].ToString(), query["NextRowKey"].ToString())).Take(size + 1).ToList();
        if (found.Count > size)
        {
            context.Response.Headers["x-ms-continuation-NextPartitionKey"] = found[size].Key.Partition;
            context.Response.Headers["x-ms-continuation-NextRowKey"] = found[size].Key.Row;
        }

        await AnswerAsync(context, 200, new() { ["value"] = new JsonArray([.. found.Take(size).Select(entity => JsonNode.Parse(entity.Value))]) });
    }

    private static bool IsAllowed(string header, TimeProvider time)
    {
        try
        {
            return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
                && header["Bearer ".Length..].Split('.') is [_, var claims, _]
                && JsonNode.Parse(Base64Url.DecodeFromChars(claims)) is JsonObject json
                && json.Text("aud")?.TrimEnd('/') == Resource
                && json["exp"]?.GetValue<long>() > time.GetUtcNow().ToUnixTimeSeconds();
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static async Task<JsonObject?> ReadAsync(HttpContext context)
    {
        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task FailAsync(HttpContext context, int status, string code, string message) => AnswerAsync(context, status, new()
    {
        ["odata.error"] = new JsonObject { ["code"] = code, ["message"] = new JsonObject { ["lang"] = "en-US", ["value"] = message } },
    });

    private static async Task AnswerAsync(HttpContext context, int status, JsonObject json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json;odata=minimalmetadata;charset=utf-8";
        Json.Write(context.Response.BodyWriter, json, pretty: false);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    // A quote within a key is written twice.
    private static string Unquoted(string text) => text.Replace("''", "'", StringComparison.Ordinal);

    [GeneratedRegex("^/(?<table>[A-Za-z][A-Za-z0-9]{2,62})(\\((PartitionKey='(?<partition>([^']|'')*)',RowKey='(?<row>([^']|'')*)')?\\))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Table();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{2,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex TableName();

    [GeneratedRegex("^\\(?PartitionKey eq '((?:[^']|'')*)'\\)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Partition();
}
