using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace SdAspire.Hosting.Dashboard.Login;

/// <summary>The way in: a link with the token, or a form that asks for it.</summary>
internal static class LoginEndpoints
{
    public const string Path = "/login";

    public static void MapLogin(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, ShowAsync).AllowAnonymous();
        // A token that a stranger's page would post is one that it does not know; Origin is checked all the same.
        routes.MapPost(Path, EnterAsync).AllowAnonymous().DisableAntiforgery();
    }

    private static async Task<IResult> ShowAsync(
        [FromQuery(Name = "t")] string? token, string? returnUrl,
        HttpContext context, LoginAttempts attempts, IOptions<FrontendOptions> options)
    {
        if (options.Value.AuthMode is FrontendAuthMode.Unsecured)
            return TypedResults.LocalRedirect(Local(returnUrl));
        if (!string.IsNullOrEmpty(token))
            return await TryAsync(token, returnUrl, context, attempts);
        return context.User.Identity?.IsAuthenticated is true
            ? TypedResults.LocalRedirect(Local(returnUrl))
            : Form(returnUrl, error: null, StatusCodes.Status200OK);
    }

    private static Task<IResult> EnterAsync(
        [FromForm] string? token, [FromForm] string? returnUrl, HttpContext context, LoginAttempts attempts) =>
        string.IsNullOrWhiteSpace(token)
            ? Task.FromResult<IResult>(Form(returnUrl, "Enter the token.", StatusCodes.Status400BadRequest))
            : TryAsync(token.Trim(), returnUrl, context, attempts);

    private static async Task<IResult> TryAsync(string token, string? returnUrl, HttpContext context, LoginAttempts attempts)
    {
        switch (attempts.Try(token, context.Connection.RemoteIpAddress))
        {
            case LoginOutcome.Welcome:
                var identity = new ClaimsIdentity(
                    [new Claim(ClaimTypes.Name, "Local user")], CookieAuthenticationDefaults.AuthenticationScheme);
                await context.SignInAsync(new ClaimsPrincipal(identity));
                return TypedResults.LocalRedirect(Local(returnUrl));
            case LoginOutcome.TooMany:
                return Form(
                    returnUrl, "Too many wrong tokens. The right one is in the line that the AppHost printed at its start.",
                    StatusCodes.Status429TooManyRequests);
            default:
                return Form(
                    returnUrl, "That token is not right. Copy it from the line that the AppHost printed when it started.",
                    StatusCodes.Status401Unauthorized);
        }
    }

    private static RazorComponentResult<LoginPage> Form(string? returnUrl, string? error, int status) =>
        new(new Dictionary<string, object?>
        {
            [nameof(LoginPage.ReturnUrl)] = Local(returnUrl),
            [nameof(LoginPage.Error)] = error,
        })
        {
            StatusCode = status,
            PreventStreamingRendering = true,
        };

    private static string Local(string? url) =>
        url is ['/', ..] && url is not (['/', '/' or '\\', ..]) && !url.StartsWith(Path, StringComparison.OrdinalIgnoreCase)
            ? url : "/";
}
