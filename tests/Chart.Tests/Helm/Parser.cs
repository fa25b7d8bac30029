namespace SdAspire.Chart.Tests.Helm;

/// <summary>Tokens to nodes, with the errors that Go finds before a template runs: unknown functions and variables among them.</summary>
sealed class Parser
{
    private static readonly HashSet<string> OtherKeywords = ["define", "template", "block", "break", "continue"];

    private readonly string _file;
    private readonly IReadOnlyList<Token> _tokens;
    private readonly List<string> _variables = ["$"];
    private int _at;

    private Parser(string file, IReadOnlyList<Token> tokens) => (_file, _tokens) = (file, tokens);

    public static IReadOnlyList<Node> Parse(string file, string text)
    {
        var parser = new Parser(file, new Lexer(file, text).Run());
        var nodes = parser.List(out var end);
        return end is null ? nodes : throw parser.Fail($"unexpected {{{{{end}}}}}");
    }

    /// <summary>Nodes up to the end of the text (null), an <c>end</c> or an <c>else</c>.</summary>
    private List<Node> List(out string? end)
    {
        var nodes = new List<Node>();
        while (true)
        {
            var token = Take();
            if (token.Kind == TokenKind.End)
            {
                end = null;
                return nodes;
            }
            if (token.Kind == TokenKind.Text)
            {
                nodes.Add(new TextNode(token.Line, token.Text));
                continue;
            }
            var word = PeekNonSpace();
            switch (word.Kind == TokenKind.Word ? word.Text : "")
            {
                case "if": nodes.Add(Control(ControlKind.If)); break;
                case "with": nodes.Add(Control(ControlKind.With)); break;
                case "range": nodes.Add(Control(ControlKind.Range)); break;
                case "end" or "else":
                    end = TakeNonSpace().Text;
                    return nodes;
                case var other when OtherKeywords.Contains(other): throw Fail($"'{other}' is not in the subset");
                default:
                    nodes.Add(new ActionNode(word.Line, Pipeline("command", TokenKind.Close)));
                    break;
            }
        }
    }

    private ControlNode Control(ControlKind kind)
    {
        var start = TakeNonSpace();
        var scope = _variables.Count;
        var pipe = Pipeline(start.Text, TokenKind.Close);
        var list = List(out var end);
        List<Node> otherwise = [];
        if (end == "else")
        {
            if (PeekNonSpace() is { Kind: TokenKind.Word, Text: "if" } && kind == ControlKind.If)
            {
                // The inner if takes the only end.
                otherwise = [Control(ControlKind.If)];
                end = "end";
            }
            else
            {
                Expect(TokenKind.Close, "else");
                otherwise = List(out end);
                if (end == "end") Expect(TokenKind.Close, "end");
            }
        }
        else if (end == "end")
        {
            Expect(TokenKind.Close, "end");
        }
        if (end != "end") throw TemplateException.At(_file, start.Line, $"'{start.Text}' has no end");
        _variables.RemoveRange(scope, _variables.Count - scope);
        return new ControlNode(start.Line, kind, pipe, list, otherwise);
    }

    private Pipe Pipeline(string context, TokenKind end)
    {
        var line = PeekNonSpace().Line;
        var variables = new List<string>();
        var isAssignment = false;
        while (PeekNonSpace().Kind == TokenKind.Variable)
        {
            var back = _at;
            var name = TakeNonSpace().Text;
            var next = PeekNonSpace().Kind;
            if (next is TokenKind.Declare or TokenKind.Assign)
            {
                TakeNonSpace();
                isAssignment = next == TokenKind.Assign;
                if (isAssignment && context == "range") throw Fail("range that sets variables is not in the subset");
                if (isAssignment && !_variables.Contains(name)) throw Fail($"undefined variable \"{name}\"");
                variables.Add(name);
                break;
            }
            if (next != TokenKind.Comma)
            {
                _at = back;
                break;
            }
            if (context != "range" || variables.Count > 0) throw Fail($"too many declarations in {context}");
            TakeNonSpace();
            variables.Add(name);
            if (PeekNonSpace().Kind != TokenKind.Variable) throw Fail("range can only initialize variables");
        }

        var commands = new List<Command>();
        while (PeekNonSpace().Kind != end) commands.Add(Command(context));
        TakeNonSpace();
        if (commands.Count == 0) throw Fail($"missing value for {context}");
        for (var i = 1; i < commands.Count; i++)
        {
            if (commands[i].Operands[0] is DotOperand or NilOperand or LiteralOperand)
                throw Fail($"non executable command in pipeline stage {i + 1}");
        }
        // Not known in their own declaration.
        if (!isAssignment) _variables.AddRange(variables);
        return new Pipe(line, variables, isAssignment, commands);
    }

    private Command Command(string context)
    {
        var operands = new List<Operand>();
        while (true)
        {
            PeekNonSpace();
            if (Operand() is { } operand) operands.Add(operand);
            var token = Peek();
            if (token.Kind is TokenKind.Close or TokenKind.CloseParen) break;
            Take();
            if (token.Kind == TokenKind.Space) continue;
            if (token.Kind == TokenKind.Pipe)
            {
                if (PeekNonSpace().Kind is TokenKind.Close or TokenKind.CloseParen) throw Fail($"missing value for {context}");
                break;
            }
            throw Fail($"unexpected \"{token.Text}\" in operand");
        }
        return operands.Count > 0 ? new Command(operands) : throw Fail("empty command");
    }

    private Operand? Operand()
    {
        var token = Peek();
        Operand? term = null;
        switch (token.Kind)
        {
            case TokenKind.Dot: term = new DotOperand(token.Line); break;
            case TokenKind.Word: term = Word(token); break;
            case TokenKind.Field: term = new FieldOperand(token.Line, [token.Text]); break;
            case TokenKind.Variable when !_variables.Contains(token.Text): throw Fail($"undefined variable \"{token.Text}\"");
            case TokenKind.Variable: term = new VariableOperand(token.Line, token.Text, []); break;
            case TokenKind.Number or TokenKind.String: term = new LiteralOperand(token.Line, token.Value!); break;
            case TokenKind.OpenParen:
                Take();
                term = new PipeOperand(token.Line, Pipeline("parenthesized pipeline", TokenKind.CloseParen), []);
                _at--;
                break;
        }
        if (term is null) return null;
        Take();
        var fields = new List<string>();
        while (Peek().Kind == TokenKind.Field) fields.Add(Take().Text);
        return fields.Count == 0 ? term : term switch
        {
            FieldOperand field => field with { Fields = [.. field.Fields, .. fields] },
            VariableOperand variable => variable with { Fields = fields },
            PipeOperand pipe => pipe with { Fields = fields },
            _ => throw Fail($"unexpected . after term \"{token.Text}\""),
        };
    }

    private Operand Word(Token token) => token.Text switch
    {
        "true" => new LiteralOperand(token.Line, true),
        "false" => new LiteralOperand(token.Line, false),
        "nil" => new NilOperand(token.Line),
        "if" or "with" or "range" or "else" or "end" => throw Fail($"unexpected <{token.Text}> in operand"),
        var name when Functions.Exists(name) => new FunctionOperand(token.Line, name),
        var name => throw Fail($"the function \"{name}\" is not defined, or not in the subset"),
    };

    private void Expect(TokenKind kind, string context)
    {
        var token = TakeNonSpace();
        if (token.Kind != kind) throw TemplateException.At(_file, token.Line, $"unexpected \"{token.Text}\" in {context}");
    }

    private Token Peek() => _tokens[_at];

    private Token Take() => _tokens[_at++];

    private Token PeekNonSpace()
    {
        while (_tokens[_at].Kind == TokenKind.Space) _at++;
        return _tokens[_at];
    }

    private Token TakeNonSpace()
    {
        PeekNonSpace();
        return Take();
    }

    private TemplateException Fail(string message) => TemplateException.At(_file, _tokens[Math.Min(_at, _tokens.Count - 1)].Line, message);
}
