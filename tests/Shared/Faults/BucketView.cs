using System.Net;
using SdAspire.ObjectStore.Tests;

namespace SdAspire.Tests.Shared.Faults;

/// <summary>The bucket as another client of the storage sees it.</summary>
internal sealed class BucketView(string connection) : IDisposable
{
    private const string Bucket = "/images";

    // A storage that hangs must not hold up those who look.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = new Uri(Value(connection, "Endpoint")), Timeout = TimeSpan.FromSeconds(10),
    };

    private S3Client S3 => field ??= new(_http, Value(connection, "AccessKey"), Value(connection, "SecretKey"), "us-east-1");

    /// <exception cref="HttpRequestException">The storage does not do its part.</exception>
    public async Task<IReadOnlySet<string>> ListAsync()
    {
        var keys = new HashSet<string>();
        string? next = null;
        do
        {
            var token = next is null ? "" : $"continuation-token={Uri.EscapeDataString(next)}&";
            var page = await AskAsync($"{Bucket}?{token}list-type=2");
            keys.UnionWith(page!.Values("Contents", "Key"));
            next = page.Value("NextContinuationToken");
        } while (next is not null);
        return keys;
    }

    /// <returns>Null if there is no such object.</returns>
    public async Task<byte[]?> GetAsync(string key) => (await AskAsync($"{Bucket}/{key}"))?.Body;

    public async Task PutAsync(string key, byte[] content)
    {
        var answer = await S3.PutAsync($"{Bucket}/{key}", content);
        if (answer.Status != HttpStatusCode.OK)
            throw new HttpRequestException($"The storage answered {answer.Status}.");
    }

    public void Dispose() => _http.Dispose();

    private async Task<S3Response?> AskAsync(string target)
    {
        try
        {
            var answer = await S3.GetAsync(target);
            return answer.Status switch
            {
                HttpStatusCode.OK => answer,
                HttpStatusCode.NotFound => null,
                _ => throw new HttpRequestException($"The storage answered {answer.Status}."),
            };
        }
        catch (TaskCanceledException e)
        {
            throw new HttpRequestException("The storage did not answer.", e);
        }
    }

    private static string Value(string connection, string name) =>
        connection.Split(';').Single(part => part.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];
}
