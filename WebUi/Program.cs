using System.Text.Json.Serialization;
using SdAspire.Generation;
using SdAspire.ServiceDefaults;
using SdAspire.WebUi;
using SdAspire.WebUi.Access;
using SdAspire.WebUi.Api;
using SdAspire.WebUi.Gallery;
using SdAspire.WebUi.Keys;
using SdAspire.WebUi.Limits;
using SdAspire.WebUi.Metrics;
using SdAspire.WebUi.OpenAi;
using SdAspire.WebUi.Pages;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions
{
    Args = args,
    // The pages' files lie beside the program, wherever it is started from.
    ContentRootPath = AppContext.BaseDirectory,
});
builder.WebHost.UseStaticWebAssets();
builder.AddRequestLimits();

if (!Configuration.TryRead(builder.Configuration, out var configuration, out var fault))
{
    Console.Error.WriteLine(fault);
    return 2;
}

builder.AddServiceDefaults();
builder.AddGeneration();
// Before those who tell it something.
builder.AddMetrics(configuration.Metrics);
builder.Services.AddSingleton(configuration.Models);
builder.Services.AddSingleton<GenerationBoard>();
builder.Services.AddSingleton<Retention>();
builder.Services.AddSingleton<Records>();
builder.Services.AddSingleton<Submissions>();
builder.Services.AddSingleton<Retries>();
builder.Services.AddSingleton<Cancellations>();
builder.Services.AddSingleton<Deletions>();
builder.Services.AddSingleton<GenerationViews>();
builder.Services.AddSingleton<GenerationEvents>();
builder.Services.AddSingleton<Throughput>();
builder.Services.AddHostedService(services => services.GetRequiredService<Throughput>());
builder.Services.AddSingleton<HouseFigures>();
builder.Services.AddSingleton<HouseHistory>();
builder.Services.AddHostedService(services => services.GetRequiredService<HouseHistory>());
builder.Services.AddSingleton<AcceptanceLog>();
builder.Services.AddHostedService(services => services.GetRequiredService<AcceptanceLog>());
builder.Services.AddSingleton<StorageWatch>();
builder.Services.AddHostedService(services => services.GetRequiredService<StorageWatch>());
builder.Services.AddHostedService<IndexCompaction>();
builder.Services.AddHostedService<RetentionService>();
builder.Services.AddSingleton<EventListener>();
builder.Services.AddHostedService(services => services.GetRequiredService<EventListener>());
builder.Services.AddSingleton<Audience>();
builder.Services.AddHostedService(services => services.GetRequiredService<Audience>());
builder.Services.AddHealthChecks().AddCheck<EventsHealthCheck>("events");
builder.Services.AddOptionsWithValidateOnStart<LostTasksOptions>()
    .BindConfiguration(LostTasksOptions.Section).ValidateDataAnnotations();
builder.Services.AddHostedService<LostTasks>();
builder.Services.AddOptionsWithValidateOnStart<OpenAiOptions>()
    .BindConfiguration(OpenAiOptions.Section).ValidateDataAnnotations();
builder.Services.AddLimits();
builder.Services.AddApiReference();
// Before the one that writes them for everybody else.
builder.Services.AddSingleton<IProblemDetailsWriter, OpenAiProblemWriter>();
builder.Services.AddProblemDetails();
builder.Services.AddExceptionHandler(handler =>
{
    // A body that is no HTTP, wherever it is read, is the client's fault and no news.
    handler.StatusCodeSelector = e => (e as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError;
    handler.SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException;
});
builder.Services.AddRazorComponents();
builder.Services.AddSharedKeys();
builder.Services.AddAccess(configuration.Access);
builder.Services.AddAntiforgery(options =>
{
    options.Cookie.SameSite = SameSiteMode.Strict;
    options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
});
builder.Services.ConfigureHttpJsonOptions(json =>
{
    json.SerializerOptions.TypeInfoResolverChain.Insert(0, WebUiJson.Default);
    // Only the API's reference reads that: a number in quotes is refused.
    json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
});

var app = builder.Build();
app.UseExceptionHandler();
app.UseStatusCodePages();
app.UseSecurityHeaders();
app.UseLoopbackHostsOnLoopback();
app.UseMetrics();
app.UseRateLimiter();
app.UseRequestTimeouts();
app.UseAccess();
app.UseAntiforgery();
app.MapStaticAssets().AllowAnonymous();
app.MapDefaultEndpoints();
app.MapLogin();
app.MapGenerationApi();
app.MapStatusApi();
app.MapOpenAi();
app.MapApiReference();
app.MapGalleryStream();
app.MapHome();
app.MapViews();
app.MapCardActions();
await app.RunAsync();
return 0;
