using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.Internal;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace SdAspire.WebUi.Keys;

/// <summary>Makes a key without putting it anywhere: which one becomes part of the ring is decided in the bucket.</summary>
public sealed class KeyFactory(IActivator activator, ILoggerFactory loggers)
{
    public XElement Create(DateTimeOffset activation, DateTimeOffset expiration)
    {
        var made = new Captured();
        var options = new KeyManagementOptions
        {
            XmlRepository = made,
            AuthenticatedEncryptorConfiguration = new AuthenticatedEncryptorConfiguration(),
        };
        new XmlKeyManager(Options.Create(options), activator, loggers).CreateNewKey(activation, expiration);
        return made.Element!;
    }

    private sealed class Captured : IXmlRepository
    {
        public XElement? Element { get; private set; }

        public IReadOnlyCollection<XElement> GetAllElements() => [];

        public void StoreElement(XElement element, string friendlyName) => Element = element;
    }
}
