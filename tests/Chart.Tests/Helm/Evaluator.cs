using System.Text;

namespace SdAspire.Chart.Tests.Helm;

/// <summary>Runs a template: Go's text/template with <c>missingkey=zero</c>, as Helm does.</summary>
sealed class Evaluator
{
    /// <summary>What is passed as the last argument from the command before: none in the first.</summary>
    private static readonly object NoFinal = new();

    private readonly string _file;
    private readonly StringBuilder _output = new();
    private readonly List<(string Name, object? Value)> _variables = [];

    private readonly ICluster? _cluster;

    private Evaluator(string file, object? root, ICluster? cluster)
    {
        (_file, _cluster) = (file, cluster);
        _variables.Add(("$", root));
    }

    public static string Run(string file, string template, object? root, ICluster? cluster = null)
    {
        var evaluator = new Evaluator(file, root, cluster);
        evaluator.Walk(root, Parser.Parse(file, template));
        return evaluator._output.ToString().Replace("<no value>", "", StringComparison.Ordinal);
    }

    private void Walk(object? dot, IReadOnlyList<Node> nodes)
    {
        foreach (var node in nodes)
        {
            switch (node)
            {
                case TextNode text:
                    _output.Append(text.Text);
                    break;
                case ActionNode action:
                    var value = Evaluate(dot, action.Pipe);
                    if (action.Pipe.Variables.Count == 0) _output.Append(value is null ? "<no value>" : Printed(value, node.Line));
                    break;
                case ControlNode control:
                    var mark = _variables.Count;
                    Walk(dot, control);
                    Pop(mark);
                    break;
            }
        }
    }

    private string Printed(object value, int line) => value is GoStruct
        ? throw TemplateException.At(_file, line, $"a template prints {GoValues.TypeOf(value)}")
        : GoValues.Print(value);

    private void Walk(object? dot, ControlNode control)
    {
        var value = Evaluate(dot, control.Pipe);
        if (control.Kind == ControlKind.Range) Range(dot, value, control);
        else if (!GoValues.IsTrue(value)) Walk(dot, control.Else);
        else Walk(control.Kind == ControlKind.With ? value : dot, control.List);
    }

    private void Range(object? dot, object? value, ControlNode control)
    {
        var items = value switch
        {
            null => [],
            IReadOnlyList<object?> list => list.Select((item, i) => ((object)(long)i, item)).ToList(),
            IReadOnlyDictionary<string, object?> map =>
                map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => ((object)p.Key, p.Value)).ToList(),
            _ => throw TemplateException.At(_file, control.Line, $"range can't iterate over {GoValues.Print(value)}"),
        };
        if (items.Count == 0)
        {
            Walk(dot, control.Else);
            return;
        }
        var mark = _variables.Count;
        foreach (var (key, item) in items)
        {
            var element = item ?? NilInterface.Instance;
            var declared = control.Pipe.Variables;
            if (declared.Count > 0) _variables[mark - 1] = (declared[^1], element);
            if (declared.Count > 1) _variables[mark - 2] = (declared[0], key);
            Walk(element, control.List);
            Pop(mark);
        }
    }

    private object? Evaluate(object? dot, Pipe pipe)
    {
        var value = NoFinal;
        foreach (var command in pipe.Commands)
        {
            value = Evaluate(dot, command, value);
            if (value is NilInterface) value = null;
        }
        foreach (var name in pipe.Variables)
        {
            if (pipe.IsAssignment) _variables[Find(name, pipe.Line)] = (name, value);
            else _variables.Add((name, value));
        }
        return value;
    }

    private object? Evaluate(object? dot, Command command, object? final)
    {
        var first = command.Operands[0];
        switch (first)
        {
            case FieldOperand field: return Fields(dot, field.Fields, first, command.Operands, dot, final);
            case VariableOperand { Fields.Count: > 0 } variable:
                return Fields(_variables[Find(variable.Name, first.Line)].Value, variable.Fields, first, command.Operands, dot, final);
            case PipeOperand { Fields.Count: > 0 } pipe:
                return Fields(Evaluate(dot, pipe.Pipe), pipe.Fields, first, command.Operands, dot, final);
            case FunctionOperand function: return Call(dot, function, command.Operands, final);
        }
        if (command.Operands.Count > 1 || final != NoFinal)
            throw TemplateException.At(_file, first.Line, "can't give argument to non-function");
        return first is NilOperand ? throw TemplateException.At(_file, first.Line, "nil is not a command") : Argument(dot, first);
    }

    private object? Argument(object? dot, Operand operand) => operand switch
    {
        DotOperand => dot,
        NilOperand => NilInterface.Instance,
        LiteralOperand literal => literal.Value,
        FieldOperand field => Fields(dot, field.Fields, operand, [operand], dot, NoFinal),
        VariableOperand variable =>
            Fields(_variables[Find(variable.Name, operand.Line)].Value, variable.Fields, operand, [operand], dot, NoFinal),
        FunctionOperand function => Call(dot, function, [operand], NoFinal),
        PipeOperand pipe => Fields(Evaluate(dot, pipe.Pipe), pipe.Fields, operand, [operand], dot, NoFinal),
        _ => throw new InvalidOperationException(operand.ToString()),
    };

    private object? Fields(
        object? receiver, IReadOnlyList<string> fields, Operand at, IReadOnlyList<Operand> operands, object? dot, object? final)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            if (i == fields.Count - 1 && receiver is ApiVersions versions && fields[i] == nameof(ApiVersions.Has))
            {
                var args = Arguments(dot, operands, final);
                return Guarded(at.Line, () =>
                {
                    Functions.CheckCount(fields[i], args.Count, 1, 1);
                    return (object)versions.Has(Functions.Text(args[0]));
                });
            }
            receiver = Field(receiver, fields[i], string.Join('.', fields), at.Line);
        }
        if (fields.Count > 0 && (operands.Count > 1 || final != NoFinal))
            throw TemplateException.At(_file, at.Line, $"{fields[^1]} is not a method but has arguments");
        return receiver;
    }

    private object? Field(object? receiver, string name, string path, int line) => receiver switch
    {
        null => null,
        IReadOnlyDictionary<string, object?> map => map.GetValueOrDefault(name) ?? NilInterface.Instance,
        GoStruct value when value.Fields.TryGetValue(name, out var field) => field,
        NilInterface => throw TemplateException.At(_file, line, $"<.{path}>: nil pointer evaluating interface {{}}.{name}"),
        _ => throw TemplateException.At(_file, line, $"<.{path}>: can't evaluate field {name} in type {GoValues.TypeOf(receiver)}"),
    };

    private object? Call(object? dot, FunctionOperand function, IReadOnlyList<Operand> operands, object? final)
    {
        if (!Functions.IsLazy(function.Name))
        {
            var args = Arguments(dot, operands, final);
            return Guarded(function.Line, () => function.Name == "lookup" ? Lookup(args) : Functions.Call(function.Name, args));
        }
        object? value = null;
        foreach (var operand in operands.Skip(1))
        {
            value = Argument(dot, operand);
            if (GoValues.IsTrue(value) == (function.Name == "or")) return value;
        }
        if (final != NoFinal) return final;
        return operands.Count > 1 ? value : Guarded(function.Line, () => Functions.Call(function.Name, []));
    }

    /// <summary>What the cluster has; without one, as in <c>helm template</c>, an empty map.</summary>
    private object Lookup(List<object?> args)
    {
        Functions.CheckCount("lookup", args.Count, 4, 4);
        var (apiVersion, kind, space, name) =
            (Functions.Text(args[0]), Functions.Text(args[1]), Functions.Text(args[2]), Functions.Text(args[3]));
        return _cluster?.Lookup(apiVersion, kind, space, name) ?? new Dictionary<string, object?>();
    }

    private List<object?> Arguments(object? dot, IReadOnlyList<Operand> operands, object? final)
    {
        var args = operands.Skip(1).Select(operand => Argument(dot, operand)).ToList();
        if (final != NoFinal) args.Add(final);
        return args;
    }

    private object? Guarded(int line, Func<object?> call)
    {
        try
        {
            return call();
        }
        catch (InvalidOperationException e)
        {
            throw TemplateException.At(_file, line, e.Message);
        }
    }

    private int Find(string name, int line)
    {
        var index = _variables.FindLastIndex(v => v.Name == name);
        return index >= 0 ? index : throw TemplateException.At(_file, line, $"undefined variable: {name}");
    }

    private void Pop(int mark) => _variables.RemoveRange(mark, _variables.Count - mark);
}
