namespace SdAspire.Tests.Shared;

/// <summary>One broker for a test assembly.</summary>
public sealed class BrokerFixture : PrivateBroker, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await StartAsync();
}

/// <summary>One storage for a test assembly.</summary>
public sealed class ObjectStoreFixture : PrivateStore, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await StartAsync();
}
