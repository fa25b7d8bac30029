namespace SdAspire.WebUi.Access;

/// <summary>Requests that the page of another site has a browser send.</summary>
internal static class OtherSites
{
    /// <summary>Whether the browser says so; programs say nothing.</summary>
    public static bool Sent(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"] is [{ Length: > 0 } site])
            return site is not ("same-origin" or "none");
        // Browsers leave that out where they do not trust the connection, and name at least where a page came from.
        return request.Headers.Origin is [{ Length: > 0 } origin]
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var from)
                && from.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
