using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using SdAspire.WebUi.Components;
using SdAspire.WebUi.Pages;

namespace SdAspire.WebUi.Access;

/// <summary>The way in and the way out.</summary>
internal static partial class LoginEndpoints
{
    public const string Path = "/login";
    public const string SignOutPath = "/logout";

    private const string ReturnUrl = "returnUrl";
    private const int RetryAfterSeconds = 60;

    public static void MapLogin(this WebApplication app)
    {
        if (app.Services.GetRequiredService<AccessOptions>().IsOpen)
            return;
        app.MapRead(Path, Show).AllowAnonymous();
        app.MapPost(Path, EnterAsync).AllowAnonymous().WithMetadata(new RequireAntiforgeryTokenAttribute());
        app.MapPost(SignOutPath, (Delegate)LeaveAsync).WithMetadata(new RequireAntiforgeryTokenAttribute());
    }

    /// <summary>The login page's address for whoever asked for this and may not have it.</summary>
    public static string For(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && Local(request.Path + request.QueryString) is var url and not "/"
            ? $"{Path}?{ReturnUrl}={Uri.EscapeDataString(url)}"
            : Path;

    private static IResult Show(HttpContext context, IAntiforgery antiforgery, string? returnUrl) =>
        context.User.Identity?.IsAuthenticated is true
            ? TypedResults.LocalRedirect("~" + Local(returnUrl))
            : Page(context, antiforgery, returnUrl, null, StatusCodes.Status200OK);

    private static async Task<IResult> EnterAsync(
        HttpContext context, IAntiforgery antiforgery, AccessOptions access, LoginAttempts attempts, ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        var sent = await SentForm.ReadAsync(context, cancellationToken);
        if (sent.Fault is { } why)
            return Page(context, antiforgery, null, why, sent.Status);
        var form = sent.Fields;
        var returnUrl = form[ReturnUrl].ToString();
        var client = context.Connection.RemoteIpAddress;
        switch (attempts.Try(form["password"].ToString(), client))
        {
            case LoginOutcome.Welcome:
                await context.SignInAsync(access);
                return TypedResults.LocalRedirect("~" + Local(returnUrl));
            case LoginOutcome.TooMany:
                context.Response.Headers.RetryAfter =
                    RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
                return Page(
                    context, antiforgery, returnUrl, "Too many attempts. Please wait a minute and try again.",
                    StatusCodes.Status429TooManyRequests);
            default:
                LogWrong(loggers.CreateLogger(typeof(LoginEndpoints)), client);
                return Page(
                    context, antiforgery, returnUrl, "That is not right.", StatusCodes.Status401Unauthorized);
        }
    }

    private static async Task<IResult> LeaveAsync(HttpContext context)
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false })
            return TypedResults.LocalRedirect("~/");
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return TypedResults.LocalRedirect("~" + Path);
    }

    private static RazorComponentResult Page(
        HttpContext context, IAntiforgery antiforgery, string? returnUrl, string? error, int status)
    {
        return new RazorComponentResult<LoginPage>(new
        {
            Antiforgery = antiforgery.GetAndStoreTokens(context),
            ReturnUrl = Local(returnUrl),
            Error = error,
        })
        { StatusCode = status };
    }

    // Browsers take a backslash for a slash and leave out tabs and line breaks: all of these could lead elsewhere.
    private static string Local(string? url) =>
        url is ['/', ..] && url is not ['/', '/' or '\\', ..] && !url.Any(char.IsControl)
        && !url.StartsWith(Path, StringComparison.OrdinalIgnoreCase)
        && !url.StartsWith(SignOutPath, StringComparison.OrdinalIgnoreCase)
            ? url
            : "/";

    [LoggerMessage(LogLevel.Warning, "A wrong password came from {Client}")]
    private static partial void LogWrong(ILogger logger, System.Net.IPAddress? client);
}
