using System.Net;
using System.Net.Sockets;

namespace SdAspire.WebUi.Limits;

/// <summary>Who a client is as far as limits go: where it comes from.</summary>
internal static class ClientAddress
{
    // With IPv6 a client has a whole network of 64 bits to himself.
    public static IPAddress Of(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return new IPAddress(bytes);
    }
}
