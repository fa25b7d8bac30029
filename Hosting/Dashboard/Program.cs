using SdAspire.Hosting.Dashboard;

var builder = WebApplication.CreateBuilder(args);
builder.AddTelemetry().AddResourceService();

var app = builder.Build();
app.MapOtlp();
await app.RunAsync();
