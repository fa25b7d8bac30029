using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SdAspire.Tests.Shared.Faults;

/// <summary>Messages that were put on the queue past the page, and what is to become of them.</summary>
internal sealed class RawMessages(Application app)
{
    // Crockford's, as ULIDs are written.
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int RandomPart = 12;

    /// <summary>Bodies that nobody can paint: each is to be one dead letter.</summary>
    public ConcurrentBag<string> Poison { get; } = [];

    /// <summary>The ids that some of them have, under which their failure is recorded.</summary>
    public ConcurrentDictionary<string, bool> PoisonIds { get; } = new();

    /// <summary>Ids of tasks that are to be painted once.</summary>
    public ConcurrentDictionary<string, bool> Tasks { get; } = new();

    public async Task PoisonAsync(byte[] body, string? id = null)
    {
        await PublishAsync(body, id);
        Poison.Add(Digest(body));
        if (id is not null)
            PoisonIds[id] = true;
    }

    /// <summary>The same message so many times; it is to be painted once.</summary>
    public async Task RepeatAsync(JsonNode task, int times)
    {
        var id = task["id"]!.GetValue<string>();
        var body = Encoding.UTF8.GetBytes(task.ToJsonString());
        for (var i = 0; i < times; i++)
            await PublishAsync(body, id);
        Tasks[id] = true;
    }

    /// <summary>A task with an id of its own, like one that was accepted.</summary>
    public async Task<JsonObject> TaskLikeAsync(string accepted, bool sameId = false)
    {
        using var bucket = new BucketView(app.StorageConnection);
        foreach (var key in (await bucket.ListAsync()).Where(key => key.StartsWith("index/", StringComparison.Ordinal)))
        {
            var segment = Encoding.UTF8.GetString((await bucket.GetAsync(key))!);
            foreach (var line in segment.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                if (JsonNode.Parse(line)!["accepted"] is not JsonObject task || task["id"]!.GetValue<string>() != accepted)
                    continue;
                var copy = (JsonObject)task.DeepClone();
                if (!sameId)
                    copy["id"] = accepted[..^RandomPart] + RandomNumberGenerator.GetString(Alphabet, RandomPart);
                return copy;
            }
        }
        throw new InvalidOperationException($"The index does not list {accepted}, which was accepted.");
    }

    public static string Digest(byte[] body) => Convert.ToHexString(SHA256.HashData(body));

    private async Task PublishAsync(byte[] body, string? id)
    {
        await using var broker = await BrokerView.TryConnectAsync(app.Messaging)
            ?? throw new InvalidOperationException("The broker is away.");
        await broker.PublishAsync(body, id);
    }
}
