using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SdAspire.WebUi.Components;
using SdAspire.WebUi.OpenAi;

namespace SdAspire.WebUi.Api;

/// <summary>What the API is: the OpenAPI document, and a page that is made of it.</summary>
internal static class ApiReference
{
    private const string Document = "v1";
    private const string Json = "application/json";

    private static readonly string[] Roots = ["api/", "v1/"];

    public static void AddApiReference(this IServiceCollection services) => services.AddOpenApi(Document, options =>
    {
        options.ShouldInclude = description =>
            Roots.Any(root => description.RelativePath?.StartsWith(root, StringComparison.Ordinal) is true);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "SdAspire", Version = Document,
                Description = "Prompts become pictures: a generation is queued, painted by a worker, and kept in the gallery.",
            };
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

    /// <summary>Says what the endpoint does, and which problems it answers with.</summary>
    public static RouteHandlerBuilder Describe(
        this RouteHandlerBuilder endpoint, string tag, string summary, params int[] problems)
    {
        endpoint.WithTags(tag).WithSummary(summary);
        foreach (var status in problems.Append(StatusCodes.Status429TooManyRequests))
        {
            if (tag == OpenAiEndpoints.Tag)
                endpoint.Produces<OpenAiFailure>(status);
            else if (status == StatusCodes.Status400BadRequest)
                endpoint.ProducesValidationProblem();
            else
                endpoint.ProducesProblem(status);
        }
        return endpoint;
    }
}
