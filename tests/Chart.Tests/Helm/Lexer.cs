using System.Globalization;
using System.Text;

namespace SdAspire.Chart.Tests.Helm;

enum TokenKind
{
    Text, Open, Close, Space, Dot, Field, Variable, Word, Number, String, Pipe, Declare, Assign, Comma, OpenParen, CloseParen, End,
}

readonly record struct Token(TokenKind Kind, string Text, int Line, object? Value = null);

/// <summary>Cuts a template into tokens by the rules of Go's text/template, trim markers and comments included.</summary>
sealed class Lexer(string file, string text)
{
    private const string TrimmedSpace = " \t\r\n";
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _line = 1;

    public IReadOnlyList<Token> Run()
    {
        var trimsNext = false;
        while (true)
        {
            var open = text.IndexOf("{{", _at, StringComparison.Ordinal);
            var end = open < 0 ? text.Length : open;
            var trimsBefore = open >= 0 && IsAt("{{-", open) && open + 3 < text.Length && TrimmedSpace.Contains(text[open + 3]);
            AddText(text[_at..end], trimsNext, trimsBefore);
            if (open < 0) return [.. _tokens, new Token(TokenKind.End, "", _line)];
            _at = open + (trimsBefore ? 3 : 2);
            trimsNext = Action();
        }
    }

    private void AddText(string chunk, bool trimStart, bool trimEnd)
    {
        var line = _line;
        _line += chunk.Count(c => c == '\n');
        if (trimStart)
        {
            var rest = chunk.TrimStart(TrimmedSpace.ToCharArray());
            line += chunk[..^rest.Length].Count(c => c == '\n');
            chunk = rest;
        }
        if (trimEnd) chunk = chunk.TrimEnd(TrimmedSpace.ToCharArray());
        if (chunk.Length > 0) _tokens.Add(new Token(TokenKind.Text, chunk, line));
    }

    /// <summary>Whether the action ends with a trim marker.</summary>
    private bool Action()
    {
        var comment = _at;
        while (comment < text.Length && TrimmedSpace.Contains(text[comment]) && IsAt("{{-", comment - 3)) comment++;
        if (IsAt("/*", comment)) return Comment(comment);
        Add(TokenKind.Open, "{{");
        var parens = 0;
        while (true)
        {
            if (_at >= text.Length) throw Fail("unclosed action");
            if (IsTrimmedClose(_at))
            {
                if (text[_at++] == '\n') _line++;
                return Close(true);
            }
            if (IsAt("}}", _at)) return Close(false);
            Next(ref parens);
        }

        bool Close(bool trims)
        {
            if (parens > 0) throw Fail("unclosed left paren");
            Add(TokenKind.Close, "}}");
            _at += trims ? 3 : 2;
            return trims;
        }
    }

    private bool Comment(int start)
    {
        var end = text.IndexOf("*/", start, StringComparison.Ordinal);
        if (end < 0) throw Fail("unclosed comment");
        end += 2;
        var trims = IsTrimmedClose(end);
        if (!trims && !IsAt("}}", end)) throw Fail("comment ends before closing delimiter");
        _line += text[_at..end].Count(c => c == '\n');
        _at = end + (trims ? 4 : 2);
        return trims;
    }

    private bool IsTrimmedClose(int at) => at < text.Length && TrimmedSpace.Contains(text[at]) && IsAt("-}}", at + 1);

    private void Next(ref int parens)
    {
        var c = text[_at];
        switch (c)
        {
            case var _ when TrimmedSpace.Contains(c):
                var start = _at;
                while (_at < text.Length && TrimmedSpace.Contains(text[_at]) && !(_at > start && IsTrimmedClose(_at)))
                {
                    if (text[_at++] == '\n') _line++;
                }
                Add(TokenKind.Space, " ");
                break;
            case ':' when IsAt(":=", _at): Take(TokenKind.Declare, 2); break;
            case '=': Take(TokenKind.Assign, 1); break;
            case '|': Take(TokenKind.Pipe, 1); break;
            case ',': Take(TokenKind.Comma, 1); break;
            case '(': parens++; Take(TokenKind.OpenParen, 1); break;
            case ')' when --parens < 0: throw Fail("unexpected right paren");
            case ')': Take(TokenKind.CloseParen, 1); break;
            case '"': Quoted(); break;
            case '`': Raw(); break;
            case '.' when _at + 1 >= text.Length || !char.IsDigit(text[_at + 1]): Name(TokenKind.Field); break;
            case '$': Name(TokenKind.Variable); break;
            case var _ when IsNameChar(c) && !char.IsDigit(c): Name(TokenKind.Word); break;
            case '+' or '-' or '.' or (>= '0' and <= '9'): Number(); break;
            default: throw Fail($"unrecognized character in action: '{c}'");
        }
    }

    private void Name(TokenKind kind)
    {
        var start = _at++;
        if (kind == TokenKind.Word) _at = start;
        while (_at < text.Length && IsNameChar(text[_at])) _at++;
        var name = text[start.._at];
        var isTerminated = _at >= text.Length || TrimmedSpace.Contains(text[_at]) || ".,|:)(".Contains(text[_at]) || IsAt("}}", _at);
        if (!isTerminated) throw Fail($"bad character '{text[_at]}'");
        if (name == ".") Add(TokenKind.Dot, name);
        else Add(kind, kind == TokenKind.Field ? name[1..] : name);
    }

    private void Number()
    {
        var start = _at;
        if (text[_at] is '+' or '-') _at++;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '.' or '_'
            || text[_at] is '+' or '-' && text[_at - 1] is 'e' or 'E')) _at++;
        var number = text[start.._at];
        object? value = GoValues.ParseInteger(number) is { } integer ? integer
            : double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) ? d : null;
        _tokens.Add(new Token(TokenKind.Number, number, _line, value ?? throw Fail($"bad number syntax: \"{number}\"")));
    }

    private void Raw()
    {
        var end = text.IndexOf('`', _at + 1);
        if (end < 0) throw Fail("unterminated raw quoted string");
        var raw = text[(_at + 1)..end];
        _tokens.Add(new Token(TokenKind.String, raw, _line, raw));
        _line += raw.Count(c => c == '\n');
        _at = end + 1;
    }

    private void Quoted()
    {
        var start = _at++;
        var value = new StringBuilder();
        while (true)
        {
            if (_at >= text.Length || text[_at] == '\n') throw Fail("unterminated quoted string");
            var c = text[_at++];
            if (c == '"') break;
            value.Append(c != '\\' ? c : text[_at++] switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' => '\\',
                '"' => '"',
                var other => throw Fail($"the escape '\\{other}' is not in the subset"),
            });
        }
        _tokens.Add(new Token(TokenKind.String, text[start.._at], _line, value.ToString()));
    }

    private void Take(TokenKind kind, int length)
    {
        Add(kind, text.Substring(_at, length));
        _at += length;
    }

    private void Add(TokenKind kind, string value) => _tokens.Add(new Token(kind, value, _line));

    private bool IsAt(string marker, int at) => at >= 0 && string.CompareOrdinal(text, at, marker, 0, marker.Length) == 0;

    private static bool IsNameChar(char c) => c == '_' || char.IsLetterOrDigit(c);

    private TemplateException Fail(string message) => TemplateException.At(file, _line, message);
}
