using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Minio;
using Minio.DataModel.Args;
using Minio.Exceptions;
using SdAspire.ServiceDefaults;

namespace SdAspire.Generation;

/// <summary>The bucket through the MinIO SDK.</summary>
public sealed class MinioObjectStore : IObjectStore, IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private readonly IMinioClient _client;
    private readonly RequestHandler _requests;
    private readonly HttpClient _http;
    private readonly string _bucket;
    private volatile bool _bucketExists;

    public MinioObjectStore(IMinioClient client, IOptions<StorageOptions> options)
    {
        _bucket = options.Value.Bucket;
        _requests = new RequestHandler(_bucket, new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseProxy = false,
        });
        _http = new HttpClient(_requests) { Timeout = RequestTimeout };
        // Without a region the SDK asks the server for it before each request.
        _client = client.WithRegion(options.Value.Region).WithHttpClient(_http);
    }

    public Task<bool> PutAsync(
        string key, ReadOnlyMemory<byte> content, string contentType, bool onlyIfAbsent, CancellationToken cancellationToken) =>
        InBucketAsync(async () =>
        {
            using var stream = new MemoryStream(content.ToArray(), writable: false);
            var args = new PutObjectArgs().WithBucket(_bucket).WithObject(key)
                .WithStreamData(stream).WithObjectSize(stream.Length).WithContentType(contentType);
            return await _requests.SendAsync(onlyIfAbsent, () => _client.PutObjectAsync(args, cancellationToken));
        }, $"writing {key}", cancellationToken);

    public Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken) =>
        InBucketAsync<StoredObject?>(async () =>
        {
            using var content = new MemoryStream();
            var args = new GetObjectArgs().WithBucket(_bucket).WithObject(key)
                .WithCallbackStream((stream, token) => stream.CopyToAsync(content, token));
            try
            {
                var stat = await _client.GetObjectAsync(args, cancellationToken);
                return new StoredObject(content.ToArray(), stat.ContentType, stat.ETag, stat.LastModified.ToUniversalTime());
            }
            catch (ObjectNotFoundException)
            {
                return null;
            }
        }, $"reading {key}", cancellationToken);

    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) =>
        InBucketAsync(async () =>
        {
            try
            {
                await _client.StatObjectAsync(new StatObjectArgs().WithBucket(_bucket).WithObject(key), cancellationToken);
                return true;
            }
            catch (ObjectNotFoundException)
            {
                return false;
            }
        }, $"looking for {key}", cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        InBucketAsync(async () =>
        {
            await _client.RemoveObjectAsync(new RemoveObjectArgs().WithBucket(_bucket).WithObject(key), cancellationToken);
            return true;
        }, $"deleting {key}", cancellationToken);

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var args = new ListObjectsArgs().WithBucket(_bucket).WithPrefix(prefix).WithRecursive(true);
        await EnsureBucketAsync(cancellationToken);
        await using var items = _client.ListObjectsEnumAsync(args, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await GuardAsync(() => items.MoveNextAsync().AsTask(), $"listing {prefix}", cancellationToken))
            yield return items.Current.Key;
    }

    public async Task EnsureBucketAsync(CancellationToken cancellationToken)
    {
        if (_bucketExists)
            return;
        await GuardAsync(async () =>
        {
            if (!await ExistsAsync())
            {
                try
                {
                    await _client.MakeBucketAsync(new MakeBucketArgs().WithBucket(_bucket), cancellationToken);
                }
                catch (Exception e) when (e is MinioException or ArgumentException)
                {
                    // Another service may have made it in between, which the SDK reports in several ways.
                    if (!await ExistsAsync())
                        throw;
                }
            }
            return true;
        }, $"making the bucket {_bucket}", cancellationToken);
        _bucketExists = true;

        Task<bool> ExistsAsync() => _client.BucketExistsAsync(new BucketExistsArgs().WithBucket(_bucket), cancellationToken);
    }

    public async Task<bool> SetRetentionAsync(IReadOnlyList<string> prefixes, int days, CancellationToken cancellationToken)
    {
        await EnsureBucketAsync(cancellationToken);
        return await GuardAsync(async () =>
        {
            try
            {
                return await BucketRetention.SetAsync(_client, _bucket, prefixes, days, cancellationToken);
            }
            catch (NotImplementedByStorageException)
            {
                return days == 0;
            }
        }, "setting how long objects are kept", cancellationToken);
    }

    public Task CheckAsync(CancellationToken cancellationToken) =>
        GuardAsync(
            () => _client.BucketExistsAsync(new BucketExistsArgs().WithBucket(_bucket), cancellationToken),
            "asking for a sign of life", cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<T> InBucketAsync<T>(Func<Task<T>> request, string what, CancellationToken cancellationToken)
    {
        await EnsureBucketAsync(cancellationToken);
        return await GuardAsync(request, what, cancellationToken);
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> request, string what, CancellationToken cancellationToken)
    {
        try
        {
            return await request();
        }
        // The SDK turns failures into many types, NullReferenceException included.
        catch (Exception e) when (e is not StorageUnavailableException && !cancellationToken.IsCancellationRequested)
        {
            _bucketExists &= e is not BucketNotFoundException;
            throw new StorageUnavailableException($"The storage at {_client.Config.Endpoint} failed at {what}: {e.Message}", e);
        }
    }

    /// <summary>
    /// Adds If-None-Match, which the SDK turns into metadata, below the SDK. S3 does not ask for this header to be signed. Says
    /// which bucket a request is for.
    /// </summary>
    private sealed class RequestHandler(string bucket, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private readonly AsyncLocal<bool> _onlyIfAbsent = new();

        public async Task<bool> SendAsync(bool onlyIfAbsent, Func<Task> put)
        {
            _onlyIfAbsent.Value = onlyIfAbsent;
            try
            {
                await put();
                return true;
            }
            catch (ObjectExistsException)
            {
                return false;
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Options.Set(OutgoingRequest.Target, bucket);
            var conditional = _onlyIfAbsent.Value && request.Method == HttpMethod.Put;
            if (conditional)
                request.Headers.IfNoneMatch.Add(System.Net.Http.Headers.EntityTagHeaderValue.Any);
            var response = await base.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotImplemented)
            {
                response.Dispose();
                throw new NotImplementedByStorageException();
            }
            if (!conditional || response.StatusCode != HttpStatusCode.PreconditionFailed)
                return response;
            response.Dispose();
            throw new ObjectExistsException();
        }
    }

    private sealed class ObjectExistsException : Exception;

    private sealed class NotImplementedByStorageException() : Exception("It is not implemented there.");
}
