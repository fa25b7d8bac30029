using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;
using SdAspire.Generation;
using SdAspire.WebUi.Api;
using SdAspire.WebUi.Components;
using SdAspire.WebUi.Gallery;
using SdAspire.WebUi.Limits;

namespace SdAspire.WebUi.Pages;

/// <summary>The page, which works without JavaScript: a form, a redirect, and a link to see how far it is.</summary>
internal static class Home
{
    public const int PageSize = 24;

    private const string ClientName = "web";

    public static void MapHome(this IEndpointRouteBuilder app)
    {
        app.MapRead("/", Get);
        app.MapPost("/", PostAsync).WithMetadata(new RequireAntiforgeryTokenAttribute());
    }

    /// <summary>The page with an error on it.</summary>
    public static RazorComponentResult Show(HttpContext context, string? before, int status, string error)
    {
        var services = context.RequestServices;
        var page = Page(
            context, services.GetRequiredService<GenerationBoard>(), services.GetRequiredService<ModelCatalog>(),
            services.GetRequiredService<IAntiforgery>(), new HomeForm(), before, [error]);
        page.StatusCode = status;
        return page;
    }

    private static RazorComponentResult Get(
        HttpContext context, GenerationBoard board, ModelCatalog models, IAntiforgery antiforgery, Audience audience,
        string? before, string? q, string? vary, string? again)
    {
        audience.Look();
        var form = FormOf(context.Request.Query);
        if (vary is not null && board.Find(vary) is { } varied)
            form = FormOf(varied.Task) with { Seed = form.Seed };
        else if (again is not null && board.Find(again) is { Task: var task })
            form = new HomeForm { Prompt = task.Prompt, Model = task.Model };
        return Page(
            context, board, models, antiforgery, form, TaskId.IsValid(before) ? before : null, [],
            string.IsNullOrWhiteSpace(q) ? null : q);
    }

    private static async Task<IResult> PostAsync(
        HttpContext context, GenerationBoard board, ModelCatalog models, IAntiforgery antiforgery, PromptFilter filter,
        TimeProvider time, Submissions submissions, CancellationToken cancellationToken)
    {
        var sent = await SentForm.ReadAsync(context, cancellationToken);
        if (sent.Fault is { } why)
            return Refuse(new HomeForm(), sent.Status, [why]);
        var form = FormOf(sent.Fields);
        var faults = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var request = GenerationRequest.Read(ToJson(form), faults);
        var task = request.ToTask(models, filter, time, ClientName, faults);
        if (faults.Count > 0)
            return Refuse(form, StatusCodes.Status400BadRequest, [.. faults.Values.SelectMany(messages => messages)]);
        try
        {
            if (request.Parallel is true)
                await submissions.SubmitParallelAsync(task, cancellationToken);
            else
                await submissions.SubmitAsync(task, cancellationToken);
            return TypedResults.LocalRedirect("~/");
        }
        catch (Exception e) when (Problems.IsPassing(e))
        {
            return Refuse(form, Problems.StatusOf(e), [Problems.Title(e)]);
        }

        RazorComponentResult Refuse(HomeForm form, int status, IReadOnlyList<string> errors)
        {
            var page = Page(context, board, models, antiforgery, form, null, errors);
            page.StatusCode = status;
            return page;
        }
    }

    private static RazorComponentResult Page(
        HttpContext context, GenerationBoard board, ModelCatalog models, IAntiforgery antiforgery,
        HomeForm form, string? before, IReadOnlyList<string> errors, string? search = null)
    {
        // The version before the states: what changes in between is sent twice rather than not at all.
        var since = GalleryStream.Token(board.Epoch, board.Version);
        var states = board.Page(PageSize + 1, new BoardQuery { Before = before, Words = BoardQuery.WordsOf(search) });
        var shown = states.Take(PageSize).ToArray();
        return new RazorComponentResult<HomePage>(new
        {
            Model = new HomeModel
            {
                Models = models,
                Generations = shown,
                Since = since,
                Notices = board.Notices,
                Antiforgery = antiforgery.GetAndStoreTokens(context),
                Form = form,
                Errors = errors,
                Before = before,
                Search = search,
                House = context.RequestServices.GetRequiredService<HouseFigures>().Now(),
                MaySignOut = context.User.Identity?.IsAuthenticated is true,
                Older = states.Count > PageSize ? Links.Older(shown[^1].Task.Id, search) : null,
            },
        });
    }

    /// <summary>The form's fields, as the page's form or an address has them.</summary>
    private static HomeForm FormOf(IEnumerable<KeyValuePair<string, StringValues>> sent)
    {
        var fields = sent.ToDictionary(field => field.Key, field => field.Value, StringComparer.OrdinalIgnoreCase);
        return new HomeForm
        {
            // A text area may send line breaks, which a prompt must not have.
            Prompt = Field("prompt")?.ReplaceLineEndings(" "),
            NegativePrompt = Field("negativePrompt"),
            Count = Field("count"),
            Parallel = Field("parallel"),
            Steps = Field("steps"),
            GuidanceScale = Field("guidanceScale"),
            Scheduler = Field("scheduler"),
            Width = Field("width"),
            Height = Field("height"),
            Seed = Field("seed"),
            Model = Field("model"),
        };

        string? Field(string name) => fields.GetValueOrDefault(name) is [{ Length: > 0 } value] ? value : null;
    }

    private static HomeForm FormOf(GenerationTask task)
    {
        return new HomeForm
        {
            Prompt = task.Prompt,
            NegativePrompt = task.NegativePrompt,
            Steps = Text(task.Steps),
            GuidanceScale = Text(task.GuidanceScale),
            Scheduler = task.Scheduler,
            Width = Text(task.Width),
            Height = Text(task.Height),
            Model = task.Model,
        };

        static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
    }

    /// <summary>The form as the API's JSON, so that both are read and judged by the same rules.</summary>
    private static JsonElement ToJson(HomeForm form)
    {
        return JsonSerializer.SerializeToElement(new JsonObject
        {
            ["prompt"] = form.Prompt,
            ["negativePrompt"] = form.NegativePrompt,
            ["count"] = Number(form.Count),
            ["parallel"] = form is { Parallel: "true", Count: not (null or "1") } ? true : null,
            ["scheduler"] = form.Scheduler,
            ["width"] = Number(form.Width),
            ["height"] = Number(form.Height),
            ["steps"] = Number(form.Steps),
            ["guidanceScale"] = Number(form.GuidanceScale),
            ["seed"] = Number(form.Seed),
            ["model"] = form.Model,
        });

        static JsonNode? Number(string? text) =>
            text is null ? null
            : long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole) ? whole
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number) ? number
            : text;
    }
}
