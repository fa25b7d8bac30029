using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using SdAspire.Generation;
using SdAspire.WebUi.Api;
using SdAspire.WebUi.Components;
using SdAspire.WebUi.Gallery;
using SdAspire.WebUi.Limits;

namespace SdAspire.WebUi.Pages;

/// <summary>The page, which works without JavaScript: a form, a redirect, and a reload while something is unfinished.</summary>
internal static class Home
{
    public const int PageSize = 24;

    private const string ClientName = "web";

    public static void MapHome(this IEndpointRouteBuilder app)
    {
        app.MapGet("/", Get);
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
        HttpContext context, GenerationBoard board, ModelCatalog models, IAntiforgery antiforgery,
        string? prompt, string? model, string? before) =>
        Page(
            context, board, models, antiforgery, new HomeForm { Prompt = prompt, Model = model },
            TaskId.IsValid(before) ? before : null, []);

    private static async Task<IResult> PostAsync(
        HttpContext context, GenerationBoard board, ModelCatalog models, IAntiforgery antiforgery, PromptFilter filter,
        TimeProvider time, Submissions submissions, CancellationToken cancellationToken)
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false })
            return Refuse(new HomeForm(), StatusCodes.Status400BadRequest, ["The page was open for too long; please try again."]);
        var sent = await context.Request.ReadFormAsync(cancellationToken);
        var form = new HomeForm
        {
            // A text area may send line breaks, which a prompt must not have.
            Prompt = Field("prompt")?.ReplaceLineEndings(" "),
            NegativePrompt = Field("negativePrompt"),
            Count = Field("count"),
            Steps = Field("steps"),
            GuidanceScale = Field("guidanceScale"),
            Seed = Field("seed"),
            Model = Field("model"),
        };
        var faults = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var task = GenerationRequest.Read(ToJson(form), faults).ToTask(models, filter, time, ClientName, faults);
        if (faults.Count > 0)
            return Refuse(form, StatusCodes.Status400BadRequest, [.. faults.Values.SelectMany(messages => messages)]);
        try
        {
            await submissions.SubmitAsync(task, cancellationToken);
            return TypedResults.LocalRedirect("~/");
        }
        catch (Exception e) when (Problems.IsPassing(e))
        {
            return Refuse(form, Problems.StatusOf(e), [Problems.Title(e)]);
        }

        string? Field(string name) => sent[name] is [{ Length: > 0 } value] ? value : null;

        RazorComponentResult Refuse(HomeForm form, int status, IReadOnlyList<string> errors)
        {
            var page = Page(context, board, models, antiforgery, form, null, errors);
            page.StatusCode = status;
            return page;
        }
    }

    private static RazorComponentResult Page(
        HttpContext context, GenerationBoard board, ModelCatalog models, IAntiforgery antiforgery,
        HomeForm form, string? before, IReadOnlyList<string> errors)
    {
        // The version before the states: what changes in between is sent twice rather than not at all.
        var since = GalleryStream.Token(board.Epoch, board.Version);
        var states = board.Page(PageSize + 1, before);
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
                MaySignOut = context.User.Identity?.IsAuthenticated is true,
                Older = states.Count > PageSize ? $"/?before={shown[^1].Task.Id}" : null,
            },
        });
    }

    /// <summary>The form as the API's JSON, so that both are read and judged by the same rules.</summary>
    private static JsonElement ToJson(HomeForm form)
    {
        return JsonSerializer.SerializeToElement(new JsonObject
        {
            ["prompt"] = form.Prompt,
            ["negativePrompt"] = form.NegativePrompt,
            ["count"] = Number(form.Count),
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
