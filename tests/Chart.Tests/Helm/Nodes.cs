namespace SdAspire.Chart.Tests.Helm;

/// <summary>What stands between <c>{{</c> and <c>}}</c>, and the text around it.</summary>
abstract record Node(int Line);

sealed record TextNode(int Line, string Text) : Node(Line);

sealed record ActionNode(int Line, Pipe Pipe) : Node(Line);

enum ControlKind { If, With, Range }

sealed record ControlNode(int Line, ControlKind Kind, Pipe Pipe, IReadOnlyList<Node> List, IReadOnlyList<Node> Else) : Node(Line);

/// <summary>Commands joined by <c>|</c>, with the variables that are declared with their result or set to it.</summary>
sealed record Pipe(int Line, IReadOnlyList<string> Variables, bool IsAssignment, IReadOnlyList<Command> Commands);

sealed record Command(IReadOnlyList<Operand> Operands);

abstract record Operand(int Line);

sealed record DotOperand(int Line) : Operand(Line);

sealed record NilOperand(int Line) : Operand(Line);

/// <summary>A string, bool, long or double.</summary>
sealed record LiteralOperand(int Line, object Value) : Operand(Line);

/// <summary><c>.a.b</c></summary>
sealed record FieldOperand(int Line, IReadOnlyList<string> Fields) : Operand(Line);

/// <summary><c>$name.a.b</c>; <c>$</c> has the name <c>$</c>.</summary>
sealed record VariableOperand(int Line, string Name, IReadOnlyList<string> Fields) : Operand(Line);

sealed record FunctionOperand(int Line, string Name) : Operand(Line);

/// <summary><c>(pipe).a.b</c></summary>
sealed record PipeOperand(int Line, Pipe Pipe, IReadOnlyList<string> Fields) : Operand(Line);
