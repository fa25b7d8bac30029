namespace SdAspire.ObjectStore.Tests;

/// <summary>The account that every test server has.</summary>
static class Account
{
    public const string AccessKey = "tester";
    public const string SecretKey = "a secret of tests";
    public const string Region = "us-east-1";
}
