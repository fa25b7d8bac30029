using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace SdAspire.Hosting.Tests;

/// <summary>The public surface of assemblies, one line per type and per member that it declares, comparable as text.</summary>
static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool",
        [typeof(int)] = "int", [typeof(long)] = "long", [typeof(double)] = "double",
    };

    /// <summary>What a type or a member is called, whatever its signature: the first word of its line.</summary>
    public static string NameOf(string line) => line.Split(' ')[0];

    /// <summary>A type's interfaces stand on lines of their own: an implementation may have fewer than its model.</summary>
    public static IEnumerable<string> Of(Assembly assembly) => assembly.GetExportedTypes().SelectMany(Of).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Of(Type type)
    {
        var name = Name(type);
        yield return $"{name} is {Attributes(type)}{Kind(type)}{Constraints(type.GetGenericArguments())}";
        if (type.BaseType is { } parent && parent != typeof(object) && !type.IsValueType && !type.IsEnum)
            yield return $"{name} : {Name(parent)}";
        foreach (var contract in type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []).Where(i => i.IsPublic && !type.IsEnum))
            yield return $"{name} : {Name(contract)}";
        if (typeof(Delegate).IsAssignableFrom(type)) yield break;

        foreach (var member in type.GetMembers(Declared).Where(m => !m.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)))
            if (Of(member, type) is { } line) yield return $"{name}.{line}";
    }

    private static string? Of(MemberInfo member, Type type) => member switch
    {
        FieldInfo field when IsVisible(field) && !field.IsSpecialName => field.IsLiteral
            ? $"{field.Name} = {Value(field.GetRawConstantValue())}"
            : $"{field.Name} {(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{Name(field.FieldType)}",
        ConstructorInfo constructor when IsVisible(constructor) && !constructor.IsStatic && !IsCopy(constructor) =>
            $"new ({Parameters(constructor)})",
        // Whoever has both accessors may lack one of them in what stands in for it.
        PropertyInfo property when (property.GetMethod ?? property.SetMethod) is { } accessor && IsVisible(accessor) =>
            $"{property.Name} {(accessor.IsStatic ? "static " : "")}{Name(property.PropertyType)}{Mark(Nullability.Create(property))}",
        MethodInfo method when IsVisible(method) && !method.IsSpecialName && !IsOfRecord(method) && method.GetBaseDefinition() == method =>
            $"{method.Name} {Attributes(method)}{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)}"
            + $"{Mark(Nullability.Create(method.ReturnParameter))} {Generic(method)}({Parameters(method)}){Constraints(method.GetGenericArguments())}",
        _ => null,
    };

    private static bool IsVisible(FieldInfo field) => field.IsPublic || field.IsFamily;

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily;

    private static bool IsCopy(ConstructorInfo constructor) =>
        constructor.GetParameters() is [var only] && only.ParameterType == constructor.DeclaringType && constructor.IsFamily;

    // What the compiler adds to a record, or has to be for an interface, is no choice of its author.
    private static bool IsOfRecord(MethodInfo method) => method.Name is "PrintMembers" or "Deconstruct" or "<Clone>$" or "Equals";

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string Attributes(MemberInfo member) =>
        (member.GetCustomAttribute<ExperimentalAttribute>() is { } experimental ? $"[{experimental.DiagnosticId}] " : "")
        + (member.IsDefined(typeof(ObsoleteAttribute), inherit: false) ? "[obsolete] " : "");

    private static string Generic(MethodInfo method) =>
        method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select((parameter, i) =>
        (i == 0 && method.IsDefined(typeof(ExtensionAttribute), inherit: false) ? "this " : "")
        + (parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")
        + (parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "")
        + Name(parameter.ParameterType)
        + Mark(Nullability.Create(parameter))
        + $" {parameter.Name}"
        + (parameter.HasDefaultValue ? $" = {Value(parameter.RawDefaultValue)}" : "")));

    private static string Mark(NullabilityInfo info) =>
        !info.Type.IsValueType && info.ReadState == NullabilityState.Nullable ? "?" : "";

    private static string Constraints(Type[] parameters) => string.Concat(parameters
        .Where(parameter => parameter.IsGenericParameter)
        .Select(parameter => (parameter, Of: parameter.GetGenericParameterConstraints().Select(Name)
            .Concat(parameter.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : [])
            .Concat(parameter.GenericParameterAttributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) ? ["new()"] : [])
            .Order(StringComparer.Ordinal)))
        .Where(constrained => constrained.Of.Any())
        .Select(constrained => $" where {constrained.parameter.Name} : {string.Join(", ", constrained.Of)}"));

    private static string Value(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type)
    {
        if (type.IsByRef) return Name(type.GetElementType()!);
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (type.IsGenericParameter) return type.Name;
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Name(underlying) + "?";
        if (Keywords.TryGetValue(type, out var keyword)) return keyword;
        var scope = type.IsNested ? Name(type.DeclaringType!) : type.Namespace;
        var arguments = type.GetGenericArguments();
        return $"{scope}.{type.Name.Split('`')[0]}" + (arguments.Length == 0 ? "" : $"<{string.Join(",", arguments.Select(Name))}>");
    }
}
