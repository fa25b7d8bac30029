namespace SdAspire.Hosting.Tests;

public sealed class ReferenceExpressionTests
{
    private static readonly ParameterResource Secret = new("secret", _ => "a b/{c}");

    [Fact]
    public async Task TextValuesAndFormatsAreKeptApart()
    {
        var expression = ReferenceExpression.Create($"{{literal}} {"text {0}"} {Secret} {Secret:uri} {"x y":uri}");

        (await expression.GetValueAsync(default)).ShouldBe("{literal} text {0} a b/{c} a%20b%2F%7Bc%7D x%20y");
        expression.ValueExpression.ShouldBe("{literal} text {0} {secret.value} {secret.value} x%20y");
        expression.ValueProviders.ShouldBe([Secret, Secret]);
    }

    [Fact]
    public void EndpointsHaveExpressions()
    {
        var server = new ExecutableResource("server", "true", "/");

        ReferenceExpression.Create($"{server.GetEndpoint("http")} {server.GetEndpoint("tcp").Property(EndpointProperty.HostAndPort)}")
            .ValueExpression.ShouldBe("{server.bindings.http.url} {server.bindings.tcp.hostAndPort}");
        Should.Throw<InvalidOperationException>(() => server.GetEndpoint("http").Url).Message.ShouldContain("`http`");
    }
}
