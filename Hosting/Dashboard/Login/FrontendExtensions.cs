using System.Globalization;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using MudBlazor.Services;
using SdAspire.Hosting.Dashboard.Components;

namespace SdAspire.Hosting.Dashboard.Login;

/// <summary>Pages, and the door in front of them.</summary>
internal static class FrontendExtensions
{
    public static void AddFrontend(this WebApplicationBuilder builder)
    {
        // Beside the built assembly the assets' places stand in a manifest, which is read in Development only unless asked for.
        builder.WebHost.UseStaticWebAssets();

        builder.Services.AddOptions<FrontendOptions>()
            .BindConfiguration(FrontendOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<LoginAttempts>();

        // Now, while the addresses still stand in the configuration.
        var cookie = CookieName(builder.Configuration);
        // The token is new with each start, and so are the cookie's keys: nothing is left in the user's home.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(options =>
        {
            options.LoginPath = LoginEndpoints.Path;
            options.ReturnUrlParameter = "returnUrl";
            options.Cookie.Name = cookie;
            options.Cookie.HttpOnly = true;
            // Strict would not be sent when a link in a terminal or on another page opens the dashboard.
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.ExpireTimeSpan = TimeSpan.FromDays(1);
        });
        builder.Services.AddAuthorizationBuilder().AddPolicy(FrontendPolicy, policy => policy.RequireAssertion(MayLook));

        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.AddMudServices();
        builder.Services.AddDashboardPages();
    }

    public static void MapFrontend(this WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseOwnOriginOnly();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapStaticAssets().AllowAnonymous();
        app.MapLogin();
        app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null)
            .RequireAuthorization(FrontendPolicy);
    }

    private const string FrontendPolicy = "Frontend";

    private static bool MayLook(AuthorizationHandlerContext context) =>
        context.User.Identity?.IsAuthenticated is true
        || (context.Resource is HttpContext http
            && http.RequestServices.GetRequiredService<IOptions<FrontendOptions>>().Value.AuthMode is FrontendAuthMode.Unsecured);

    // Browsers send a host's cookies to all its ports: two dashboards on one machine would log each other out.
    private static string CookieName(IConfiguration configuration)
    {
        var url = configuration[WebHostDefaults.ServerUrlsKey]?.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault();
        var port = url is not null && ListenAddress.TryParse(url, out var address) ? address.Port : 0;
        return string.Create(CultureInfo.InvariantCulture, $"sdaspire.dashboard.{port}");
    }
}
