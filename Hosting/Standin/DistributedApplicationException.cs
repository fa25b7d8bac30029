namespace Aspire.Hosting;

/// <summary>Something is wrong with the application or one of its resources; the message is one line.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>Something is wrong.</summary>
    public DistributedApplicationException()
    {
    }

    /// <summary>Something is wrong.</summary>
    public DistributedApplicationException(string message) : base(message)
    {
    }

    /// <summary>Something is wrong.</summary>
    public DistributedApplicationException(string message, Exception inner) : base(message, inner)
    {
    }
}

/// <summary>A parameter has no value.</summary>
public class MissingParameterValueException(string message) : DistributedApplicationException(message);
