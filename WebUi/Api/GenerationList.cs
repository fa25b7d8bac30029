using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SdAspire.Generation;
using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Api;

/// <summary><c>GET /api/generations</c>: pages of what is known, and of what is looked for.</summary>
internal static class GenerationList
{
    private const int DefaultPageSize = 24;
    private const int MaxPageSize = 100;
    private const int MaxSearchLength = 200;

    /// <summary>What the parameters are that are read from texts so that every fault can be told by its field.</summary>
    public static Task DescribeParameters(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        Parameter("limit").Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Integer, Format = "int32", Minimum = "1", Default = DefaultPageSize,
            Maximum = MaxPageSize.ToString(CultureInfo.InvariantCulture),
        };
        Parameter("q").Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = MaxSearchLength };
        var status = Parameter("status");
        status.Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Array, Items = new OpenApiSchemaReference(nameof(GenerationStatus), context.Document),
        };
        // Several with commas.
        (status.Style, status.Explode) = (ParameterStyle.Form, false);
        return Task.CompletedTask;

        OpenApiParameter Parameter(string name) =>
            operation.Parameters!.OfType<OpenApiParameter>().Single(parameter => parameter.Name == name);
    }

    public static IResult Get(
        GenerationBoard board, GenerationViews views, [Description("How many a page has at most.")] string? limit,
        [Description("An id: the page begins with the next older one.")] string? before,
        [Description("An id: the page has the next younger ones; pages then go towards the newest.")] string? after,
        [Description("Words, with blanks between them, that the prompt contains, whatever their case; parts of its words count.")]
        string? q,
        [Description("Only those with one of these; several with commas.")] string? status,
        [Description("Only this model's.")] string? model)
    {
        var size = DefaultPageSize;
        var faults = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (limit is not null
            && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size is < 1 or > MaxPageSize))
            faults["limit"] = [$"The parameter limit must be from 1 to {MaxPageSize}."];
        if (before is not null && !TaskId.IsValid(before))
            faults["before"] = ["The parameter before must be the id of a generation."];
        if (after is not null && !TaskId.IsValid(after))
            faults["after"] = ["The parameter after must be the id of a generation."];
        if (before is not null && after is not null && string.CompareOrdinal(after, before) > 0)
            faults["after"] = ["The parameter after must be older than before."];
        if (q?.Length > MaxSearchLength)
            faults["q"] = [$"The parameter q must not be longer than {MaxSearchLength} characters."];
        var statuses = new List<GenerationStatus>();
        foreach (var name in status?.Split(',') ?? [])
        {
            if (Enum.TryParse<GenerationStatus>(name, ignoreCase: true, out var known) && name.All(char.IsAsciiLetter))
                statuses.Add(known);
            else
                faults["status"] =
                    ["The parameter status must be queued, running, done, failed or cancelled, or several of them with commas."];
        }
        if (faults.Count > 0)
            return Problems.Invalid(faults);

        var query = new BoardQuery
        {
            Before = before, After = after, Words = BoardQuery.WordsOf(q), Statuses = statuses,
            Model = string.IsNullOrEmpty(model) ? null : model,
        };
        var page = board.Page(size + 1, query);
        // What shows that there is more lies at the far end: the oldest, and with after the youngest.
        var shown = page.Count <= size ? page : after is null ? [.. page.Take(size)] : [.. page.Skip(1)];
        return TypedResults.Ok(new GenerationPage([.. shown.Select(views.Of)], page.Count <= size ? null : Next()));

        string Next()
        {
            var parameters = new List<KeyValuePair<string, string?>>
            {
                new("limit", size.ToString(CultureInfo.InvariantCulture)),
                new("before", after is null ? shown[^1].Task.Id : before),
                new("after", after is null ? null : shown[0].Task.Id),
                new("q", q),
                new("status", status),
                new("model", model),
            };
            return Paths.Generations + QueryString.Create(parameters.Where(parameter => parameter.Value is not null));
        }
    }
}
