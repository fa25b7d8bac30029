using Aspire.Hosting.Kubernetes.Resources;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;
using YamlDotNet.Serialization.NamingConventions;
using YamlDotNet.Serialization.ObjectGraphVisitors;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>Writes objects as YAML: text in quotes, what Helm turns into numbers without, nothing that is empty.</summary>
static class ChartYaml
{
    public static ISerializer CreateSerializer() => new SerializerBuilder()
        .WithNamingConvention(CamelCaseNamingConvention.Instance)
        .WithTypeConverter(new Int32OrStringConverter())
        .WithEventEmitter(next => new QuotingEmitter(next))
        .WithEmissionPhaseObjectGraphVisitor(args => new EmptyCollectionSkipper(args.InnerVisitor))
        .ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitNull)
        .WithNewLine("\n")
        .WithIndentedSequences()
        .Build();

    private sealed class Int32OrStringConverter : IYamlTypeConverter
    {
        public bool Accepts(Type type) => type == typeof(Int32OrStringV1);

        public object? ReadYaml(IParser parser, Type type, ObjectDeserializer rootDeserializer) =>
            throw new NotSupportedException();

        public void WriteYaml(IEmitter emitter, object? value, Type type, ObjectSerializer serializer)
        {
            var either = (Int32OrStringV1)value!;
            serializer(either.Number is { } number ? number : either.Text ?? "");
        }
    }

    private sealed class QuotingEmitter(IEventEmitter next) : ChainedEventEmitter(next)
    {
        // Per open collection how many nodes it has so far; keys, every other node of a mapping, stand without quotes.
        private readonly Stack<(bool IsMapping, int Count)> _open = new([(false, 0)]);

        public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
        {
            var isKey = IsKey();
            Count();
            if (!isKey && eventInfo.Source.Type == typeof(string))
                eventInfo = new(eventInfo.Source)
                {
                    Style = eventInfo.Source.Value is string text && HelmExpression.IsPlain(text)
                        ? ScalarStyle.ForcePlain
                        : ScalarStyle.DoubleQuoted,
                };
            base.Emit(eventInfo, emitter);
        }

        public override void Emit(MappingStartEventInfo eventInfo, IEmitter emitter)
        {
            Count();
            _open.Push((true, 0));
            base.Emit(eventInfo, emitter);
        }

        public override void Emit(MappingEndEventInfo eventInfo, IEmitter emitter)
        {
            _open.Pop();
            base.Emit(eventInfo, emitter);
        }

        public override void Emit(SequenceStartEventInfo eventInfo, IEmitter emitter)
        {
            Count();
            _open.Push((false, 0));
            base.Emit(eventInfo, emitter);
        }

        public override void Emit(SequenceEndEventInfo eventInfo, IEmitter emitter)
        {
            _open.Pop();
            base.Emit(eventInfo, emitter);
        }

        private bool IsKey() => _open.Peek() is (true, var count) && count % 2 == 0;

        private void Count()
        {
            var (isMapping, count) = _open.Pop();
            _open.Push((isMapping, count + 1));
        }
    }

    private sealed class EmptyCollectionSkipper(IObjectGraphVisitor<IEmitter> next) : ChainedObjectGraphVisitor(next)
    {
        public override bool EnterMapping(
            IPropertyDescriptor key, IObjectDescriptor value, IEmitter context, ObjectSerializer serializer) =>
            value.Value is not null
            && (value.Value is not System.Collections.IEnumerable items || items.Cast<object?>().Any())
            && base.EnterMapping(key, value, context, serializer);
    }
}
