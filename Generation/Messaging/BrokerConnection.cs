using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace SdAspire.Generation;

/// <summary>
/// The process's one connection to the broker: made when it is first asked for, with the topology declared, and made anew
/// when it is asked for after a loss. Resolving it never blocks and never fails, so that a service starts without a broker.
/// </summary>
public sealed partial class BrokerConnection(
    IConnectionFactory factory, GenerationTopology topology, ILogger<BrokerConnection> logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposed = new();
    private Task<IConnection>? _connection;

    /// <summary>Where the broker is said to be, without credentials.</summary>
    public string Endpoint => $"{factory.Uri.Host}:{factory.Uri.Port}";

    public bool IsOpen => _connection is { IsCompletedSuccessfully: true, Result.IsOpen: true };

    /// <summary>An open connection.</summary>
    /// <exception cref="BrokerUnavailableException">There is none to be had now.</exception>
    public async Task<IConnection> GetAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        Task<IConnection> connection;
        lock (_gate)
        {
            // All who ask while one attempt is under way share its outcome.
            if (_connection is null || (_connection.IsCompleted && !IsOpen))
                _connection = ConnectAsync(_connection, _disposed.Token);
            connection = _connection;
        }
        return await connection.WaitAsync(cancellationToken);
    }

    /// <summary>Declares the topology anew: someone may have deleted a part of it while we were connected.</summary>
    /// <exception cref="BrokerUnavailableException">There is no broker now.</exception>
    public async Task DeclareAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await topology.DeclareAsync(await GetAsync(cancellationToken), cancellationToken);
        }
        catch (Exception e) when (IsConnectionFailure(e, cancellationToken))
        {
            throw new BrokerUnavailableException($"The message broker at {Endpoint} went away: {e.Message}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<IConnection>? last;
        lock (_gate)
        {
            if (_disposed.IsCancellationRequested)
                return;
            _disposed.Cancel();
            last = _connection;
        }
        await DisposeAsync(last);
    }

    private async Task<IConnection> ConnectAsync(Task<IConnection>? lost, CancellationToken cancellationToken)
    {
        await Task.Yield();
        await DisposeAsync(lost);
        try
        {
            var connection = await factory.CreateConnectionAsync(cancellationToken);
            try
            {
                await topology.DeclareAsync(connection, cancellationToken);
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
            LogConnected(Endpoint);
            return connection;
        }
        catch (Exception e) when (IsConnectionFailure(e))
        {
            throw new BrokerUnavailableException($"The message broker at {Endpoint} cannot be reached: {Innermost(e)}", e);
        }
    }

    /// <summary>Whether the client's exception means that the broker is away, went away or stalls.</summary>
    /// <param name="e">What the client threw.</param>
    /// <param name="cancellationToken">
    /// The caller's: the client also ends a request that got no answer in time with a cancellation, which was not the caller's
    /// then.
    /// </param>
    public static bool IsConnectionFailure(Exception e, CancellationToken cancellationToken = default) => e switch
    {
        RabbitMQClientException or IOException or SocketException or TimeoutException or ObjectDisposedException => true,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => false,
    };

    private static string Innermost(Exception e) => e switch
    {
        AggregateException { InnerExceptions: [var first, ..] } => Innermost(first),
        { InnerException: { } inner } => Innermost(inner),
        _ => e.Message,
    };

    private static async Task DisposeAsync(Task<IConnection>? connection)
    {
        if (connection is null)
            return;
        try
        {
            await (await connection).DisposeAsync();
        }
        catch (Exception e) when (IsConnectionFailure(e) || e is BrokerException)
        {
            // It is lost already; there is nothing left to close.
        }
    }

    [LoggerMessage(LogLevel.Information, "Connected to the message broker at {Endpoint}")]
    private partial void LogConnected(string endpoint);
}
