var builder = DistributedApplication.CreateBuilder(args);
var store = builder.AddProject<Projects.ObjectStore>("storage");
var web = builder.AddProject<Projects.WebUi>("webui").WaitForStart(store);
builder.Build().Run();
