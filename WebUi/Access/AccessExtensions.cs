using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using SdAspire.WebUi.Api;

namespace SdAspire.WebUi.Access;

/// <summary>
/// The door: with an <see cref="AccessOptions"/> that is not open, everything is shut that is not said to be open.
/// </summary>
internal static class AccessExtensions
{
    private const string KeyOrCookie = "KeyOrCookie";
    private const string StampClaim = "stamp";

    // Asked for by programs, which a redirect to a page would not help.
    private static readonly PathString[] ForPrograms = ["/api", "/v1", "/gallery", "/openapi"];

    // A key opens what a program may want to read beside them; who comes without one is a person.
    private static readonly PathString[] OpenToKeys = [.. ForPrograms, "/docs"];

    public static void AddAccess(this IServiceCollection services, AccessOptions access)
    {
        services.AddSingleton(access);
        if (access.IsOpen)
            return;
        services.AddSingleton<LoginAttempts>();
        services.AddAuthentication(KeyOrCookie)
            .AddPolicyScheme(KeyOrCookie, null, options => options.ForwardDefaultSelector = context =>
                IsUnder(OpenToKeys, context.Request) && context.Request.Headers.Authorization.Count > 0
                    ? ApiKeyHandler.SchemeName
                    : CookieAuthenticationDefaults.AuthenticationScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null)
            .AddCookie(options =>
            {
                options.Cookie.Name = "sdaspire.webui";
                options.Cookie.HttpOnly = true;
                options.Cookie.SameSite = SameSiteMode.Strict;
                options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                options.ExpireTimeSpan = TimeSpan.FromDays(1);
                options.Events.OnRedirectToLogin = ChallengeAsync;
                options.Events.OnValidatePrincipal = ValidateAsync;
            });
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }

    public static void UseAccess(this WebApplication app)
    {
        if (app.Services.GetRequiredService<AccessOptions>().IsOpen)
            return;
        app.UseAuthentication();
        app.UseAuthorization();
    }

    public static Task SignInAsync(this HttpContext context, AccessOptions access)
    {
        var identity = new ClaimsIdentity(
            [new Claim(ClaimTypes.Name, "web"), new Claim(StampClaim, access.Stamp)],
            CookieAuthenticationDefaults.AuthenticationScheme);
        return context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new ClaimsPrincipal(identity));
    }

    private static bool IsUnder(PathString[] paths, HttpRequest request) =>
        paths.Any(path => request.Path.StartsWithSegments(path));

    private static Task ChallengeAsync(RedirectContext<CookieAuthenticationOptions> challenge)
    {
        var (context, request) = (challenge.HttpContext, challenge.Request);
        if (IsUnder(ForPrograms, request))
            return Problems.Unauthorized(context).ExecuteAsync(context);
        // Not the handler's own address, which names a host and a scheme that a proxy may not pass on.
        context.Response.Redirect(request.PathBase + LoginEndpoints.For(request));
        return Task.CompletedTask;
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var access = context.HttpContext.RequestServices.GetRequiredService<AccessOptions>();
        if (context.Principal?.FindFirst(StampClaim)?.Value is { } stamp && AccessOptions.AreEqual(access.Stamp, stamp))
            return;
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }
}
