using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SdAspire.WebUi.Access;
using SdAspire.WebUi.Components;
using SdAspire.WebUi.OpenAi;

namespace SdAspire.WebUi.Api;

/// <summary>What the API is: the OpenAPI document, and a page that is made of it.</summary>
internal static class ApiReference
{
    private const string Document = "v1";
    private const string Key = "ApiKey";
    private const string Json = "application/json";

    private static readonly string[] Roots = ["api/", "v1/"];

    public static void AddApiReference(this IServiceCollection services) => services.AddOpenApi(Document, options =>
    {
        options.ShouldInclude = description =>
            Roots.Any(root => description.RelativePath?.StartsWith(root, StringComparison.Ordinal) is true);
        options.AddSchemaTransformer((schema, context, _) =>
        {
            // What has a converter of its own, and is written as a text, is thought to be anything.
            var type = context.JsonTypeInfo.Type;
            if (type.IsEnum || type == typeof(DateTimeOffset))
                schema.Type = JsonSchemaType.String;
            else if (type == typeof(DateTimeOffset?))
                schema.Type = JsonSchemaType.String | JsonSchemaType.Null;
            // A picture is answered as it is, not in base64.
            else if (type == typeof(byte[]))
                schema.Format = "binary";
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, _, _) =>
        {
            foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
            {
                if (parameter.Name == "id")
                    parameter.Description = "The generation's id.";
            }
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, context, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "SdAspire", Version = Document,
                Description = "Prompts become pictures: a generation is queued, painted by a worker, and kept in the gallery.",
            };
            Replace<AcceptedView>(document, (union, choices) => union.OneOf = choices);
            // Not one of them: whatever has an id could be a DeletedView.
            Replace<EventData>(document, (union, choices) => union.AnyOf = choices);
            document.AddComponent(Key, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer",
                Description = "A key of Access__ApiKey or Access__ApiKeys; without any of them nobody is asked.",
            });
            document.Security = [new() { [new OpenApiSecuritySchemeReference(Key, document)] = [] }];
            if (context.ApplicationServices.GetRequiredService<AccessOptions>().IsOpen)
                document.Security.Add([]);
            return Task.CompletedTask;
        });
    });

    public static void MapApiReference(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapRead("/docs", async Task<RazorComponentResult> (
            [FromKeyedServices(Document)] IOpenApiDocumentProvider provider, CancellationToken cancellationToken) =>
            new RazorComponentResult<ReferencePage>(new
            {
                Document = await provider.GetOpenApiDocumentAsync(cancellationToken),
            }));
    }

    /// <summary>
    /// Says what the body is, and no more: with <c>Accepts</c> the router would turn others away, and nobody would tell them why.
    /// </summary>
    public static RouteHandlerBuilder AcceptsJson<T>(this RouteHandlerBuilder endpoint) =>
        endpoint.AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
        {
            var schema = await context.GetOrCreateSchemaAsync(typeof(T), null, cancellationToken);
            context.Document!.AddComponent(typeof(T).Name, schema);
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [Json] = new() { Schema = new OpenApiSchemaReference(typeof(T).Name, context.Document) },
                },
            };
        });

    /// <summary>Says what the endpoint does, and which problems it answers with beside those that every one may have.</summary>
    public static RouteHandlerBuilder Describe(
        this RouteHandlerBuilder endpoint, string tag, string summary, params int[] problems)
    {
        endpoint.WithTags(tag).WithSummary(summary).Finally(endpoint =>
        {
            var metadata = endpoint.Metadata;
            var all = problems.Union([StatusCodes.Status401Unauthorized, StatusCodes.Status429TooManyRequests]);
            if (!metadata.OfType<DisableRequestTimeoutAttribute>().Any())
                all = all.Append(StatusCodes.Status504GatewayTimeout);
            foreach (var status in all.Order())
                metadata.Add(Problem(status, tag == OpenAiEndpoints.Tag));
        });
        return endpoint;
    }

    private static ProducesResponseTypeMetadata Problem(int status, bool inTheirShape) => inTheirShape
        ? new(status, typeof(OpenAiFailure), [Json])
        : new(
            status, status == StatusCodes.Status400BadRequest ? typeof(HttpValidationProblemDetails) : typeof(ProblemDetails),
            ["application/problem+json"]);

    /// <summary>Makes of a type the choice between its properties.</summary>
    private static void Replace<T>(OpenApiDocument document, Action<OpenApiSchema, List<IOpenApiSchema>> choose)
    {
        var schemas = document.Components!.Schemas!;
        var type = schemas[typeof(T).Name];
        var union = new OpenApiSchema { Description = type.Description };
        choose(union, [.. type.Properties!.Values]);
        schemas[typeof(T).Name] = union;
    }
}
