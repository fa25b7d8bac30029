namespace SdAspire.Chart.Tests.Helm;

/// <summary>What Go 1.19's text/template with Sprig's functions gives of the same templates and values.</summary>
public sealed class TemplateTests
{
    private static readonly Dictionary<string, object?> Release = new() { ["Name"] = "r" };

    [Theory]
    [InlineData("a: 1", "{{ .Values.a }}", "1")]
    [InlineData("a: 1000000", "{{ .Values.a }} {{ .Values.a | int }} {{ .Values.a | quote }} {{ .Values.a | toString }}",
        "1e+06 1000000 \"1e+06\" 1e+06")]
    [InlineData("a: 1000000", "{{ .Values.a | int | toString | quote }}", "\"1000000\"")]
    [InlineData("a: [100000, 999999, 1234567, 123456789, 1e20, 1e21, 0.0001, 0.00001, 0.1, 2.5, -3e-7, 21000000, -12.5, 0]",
        "{{ range .Values.a }}{{ . }} {{ end }}",
        "100000 999999 1.234567e+06 1.23456789e+08 1e+20 1e+21 0.0001 1e-05 0.1 2.5 -3e-07 2.1e+07 -12.5 0 ")]
    [InlineData("a: 12345678901234567890", "{{ .Values.a }}", "1.2345678901234567e+19")]
    [InlineData("a: 1.5", "{{ int .Values.a }} {{ int \"7\" }} {{ int \"x\" }} {{ int \"010\" }} {{ int \"5.00\" }} {{ int \"5.5\" }}",
        "1 7 0 8 5 0")]
    [InlineData("a: \"0x1F\"", "{{ int .Values.a }} {{ int \"1_000\" }} {{ int \"\" }} {{ int \" 5\" }} {{ int \"1e3\" }} {{ int \"-7\" }}",
        "31 1000 0 0 0 -7")]
    [InlineData("a: 1", "{{ int true }} {{ int nil }} {{ int -2.9 }} {{ int \"-0.0\" }} {{ int \"08\" }}", "1 0 -2 0 0")]
    [InlineData("a: on", "{{ .Values.a }} {{ quote .Values.a }}", "true \"true\"")]
    [InlineData("a: 1", "{{ quote 1 \"a\" nil 2.50 true }}", "\"1\" \"a\" \"2.5\" \"true\"")]
    [InlineData("a: \"q\\\"\\\\\\t\\u00e9\\u200b\\u0001\\n\"", "{{ .Values.a | quote }}", "\"q\\\"\\\\\\té\\u200b\\x01\\n\"")]
    [InlineData("a: {x: [1, two, {k: true, z: null}]}", "{{ .Values.a }} {{ quote .Values.a }}",
        "map[x:[1 two map[k:true z:<nil>]]] \"map[x:[1 two map[k:true z:<nil>]]]\"")]
    [InlineData("a: 1", "{{ \"a\\tb\" }}{{ `raw\\n` }} {{ 1.50 }} {{ 0x10 }} {{ 1e3 }} {{ 100000000 }}", "a\tbraw\\n 1.5 16 1000 100000000")]
    public void Values_are_printed_as_Go_prints_them(string values, string template, string expected) =>
        Run(values, template).ShouldBe(expected);

    [Theory]
    [InlineData("a: {}", "[{{ .Values.a.b }}]", "[]")]
    [InlineData("a: {}", "[{{ (.Values.a.b).c }}]", "[]")]
    [InlineData("a: {}", "{{ $x := .Values.a.b }}[{{ $x.c }}]", "[]")]
    [InlineData("a: [null]", "{{ range .Values.a }}[{{ . }}]{{ end }}", "[]")]
    [InlineData("a: null", "[{{ .Values.a }}][{{ quote .Values.a }}][{{ toString .Values.a }}][{{ default \"d\" .Values.a }}]",
        "[][][<nil>][d]")]
    [InlineData("a: ''", "[{{ .Values.a | default \"d\" }}][{{ quote .Values.a }}]", "[d][\"\"]")]
    [InlineData("a: 0", "[{{ .Values.a | default 5 }}][{{ .Values.a | int | default 5 }}]", "[5][5]")]
    [InlineData("a: false", "[{{ .Values.a | default true }}][{{ \"a\" | default \"b\" \"c\" }}]", "[true][c]")]
    public void What_is_not_there_is_nothing(string values, string template, string expected) =>
        Run(values, template).ShouldBe(expected);

    [Theory]
    [InlineData("a: false", "{{ if .Values.a }}y{{ else }}n{{ end }}", "n")]
    [InlineData("a: 0", "{{ if .Values.a }}y{{ else if .Release.Name }}r{{ else }}n{{ end }}", "r")]
    [InlineData("a: 0", "{{ if .Values.a }}y{{ else if .Values.b }}r{{ else }}n{{ end }}!", "n!")]
    [InlineData("a: {}", "{{ with .Values.a }}y{{ else }}n {{ .Release.Name }}{{ end }}", "n r")]
    [InlineData("a: {x: 1}", "{{ with .Values.a }}{{ .x }} {{ $.Release.Name }}{{ end }}", "1 r")]
    [InlineData("a: {b: {c: 1}}", "{{ with .Values.a.b }}{{ .c }}{{ with $.Values.a }}{{ .b.c }}{{ end }}{{ end }}", "11")]
    [InlineData("a: x", "{{ with $z := .Values.a }}{{ $z }}{{ . }}{{ end }}", "xx")]
    [InlineData("a: {b: 2, a: 1, B: 3, a-b: 4}", "{{ range $k, $v := .Values.a }}{{ $k }}={{ $v }};{{ end }}", "B=3;a=1;a-b=4;b=2;")]
    [InlineData("a: [v, w]", "{{ range $i, $v := .Values.a }}{{ $i }}={{ $v }};{{ end }}{{ range $v := .Values.a }}{{ $v }}{{ end }}",
        "0=v;1=w;vw")]
    [InlineData("a: []", "{{ range .Values.a }}x{{ else }}none{{ end }}", "none")]
    [InlineData("a: [1,2]", "{{ range $i, $x := .Values.a }}{{ if $i }},{{ end }}{{ $x }}{{ end }}", "1,2")]
    public void Blocks_choose_and_repeat(string values, string template, string expected) =>
        Run(values, template).ShouldBe(expected);

    [Theory]
    [InlineData("{{- $x := \"1\" -}}{{ if true }}{{ $x = \"2\" }}{{ end }}{{ $x }}{{ if true }}{{ $x := \"3\" }}{{ $x }}{{ end }}{{ $x }}", "232")]
    [InlineData("{{ $s := \"\" }}{{ range .Values.a }}{{ $s = . }}{{ end }}{{ $s }}", "2")]
    [InlineData("{{ (.Values).b }} {{ ($).Values.b }} {{ $.Values.b }} {{ $v := .Values }}{{ $v.b }}", "x x x x")]
    [InlineData("{{ if $y := .Values.b }}{{ $y }}{{ else }}{{ $y }}{{ end }}", "x")]
    public void Variables_live_until_the_end_of_their_block(string template, string expected) =>
        Run("a: [1, 2]\nb: x", template).ShouldBe(expected);

    [Theory]
    [InlineData("a {{- .Values.a -}} b", "axb")]
    [InlineData("a\n  {{- /* c */ -}}\n b{{/* c */}}c {{- /* x */}} d", "abc d")]
    [InlineData("{{ if true -}}\n  y\n{{- end }}\nz", "y\nz")]
    [InlineData("{{ -3 }}{{-3}}{{- 3 -}} x", "-3-33x")]
    [InlineData("{{.Values.a}}{{.Values.a|quote}}", "x\"x\"")]
    [InlineData("{{ if\n  true\n}}a{{ end }}", "a")]
    public void A_trim_marker_takes_the_space_beside_it(string template, string expected) =>
        Run("a: x", template).ShouldBe(expected);

    [Theory]
    [InlineData("{{ eq .Values.a 1.0 }} {{ eq (int .Values.a) 1 }} {{ eq .Values.n nil }} {{ eq .Values.m nil }}", "true true true false")]
    [InlineData("{{ eq .Values.s \"x\" }} {{ eq .Values.s \"y\" \"x\" }} {{ eq .Values.n \"x\" }} {{ eq .Values.s nil }}", "true true false false")]
    [InlineData("{{ not .Values.s }} {{ not .Values.n }} {{ and .Values.s \"z\" }} {{ or .Values.n \"o\" }}", "false true z o")]
    [InlineData("{{ or .Values.s .Values.n.c }}|{{ and .Values.n .Values.n.c }}|{{ \"z\" | and .Values.s }}|{{ \"z\" | or .Values.n }}", "x||z|z")]
    [InlineData("{{- if and .Values.s (eq .Release.Name \"r\") (not .Values.n) }}ok{{ end -}}", "ok")]
    [InlineData("{{ .Capabilities.APIVersions.Has \"v1\" }} {{ not (.Capabilities.APIVersions.Has \"v2\") }}", "true true")]
    [InlineData("{{ gt 2 1 }} {{ gt (int .Values.a) 1 }} {{ gt .Values.a 0.5 }} {{ gt \"b\" \"a\" }}", "true false true true")]
    [InlineData("{{ index .Values.l 0 }} {{ index .Values.d \"x-y\" }} {{ index .Values.d \"none\" }} {{ index .Values.d \"z\" 1 }}", "p q  s")]
    [InlineData("{{ printf \"%s is %d of %v, %q %%\" .Values.s 3 .Values.a \"r\" }}", "x is 3 of 1, \"r\" %")]
    [InlineData("{{ (lookup \"v1\" \"Node\" \"\" \"\").items }}{{ range (lookup \"v1\" \"Node\" \"\" \"\").items }}x{{ end }}", "")]
    public void Conditions_are_those_of_Go(string template, string expected) =>
        Run("{a: 1, s: x, m: {}, l: [p], d: {x-y: q, z: [r, s]}}", template).ShouldBe(expected);

    [Theory]
    [InlineData("{{ .Values.n.c }}", "<.Values.n.c>: nil pointer evaluating interface {}.c")]
    [InlineData("{{ $v := .Values }}{{ $v.n.c }}", "nil pointer evaluating interface {}.c")]
    [InlineData("{{ range .Values.l }}[{{ .c }}]{{ end }}", "nil pointer evaluating interface {}.c")]
    [InlineData("{{ and .Values.s .Values.n.c }}", "nil pointer evaluating interface {}.c")]
    [InlineData("{{ .Values.s.b }}", "can't evaluate field b in type string")]
    [InlineData("{{ .Chart.Home }}", "can't evaluate field Home in type chart.Metadata")]
    [InlineData("{{ range .Values.s }}x{{ end }}", "range can't iterate over x")]
    [InlineData("{{ range .Values.i }}x{{ end }}", "range can't iterate over 1")]
    [InlineData("{{ eq .Values.i 1 }}", "error calling eq: incompatible types for comparison")]
    [InlineData("{{ eq .Values.s true }}", "error calling eq: incompatible types for comparison")]
    [InlineData("{{ eq .Values.m \"x\" }}", "error calling eq: incompatible types for comparison")]
    [InlineData("{{ eq .Values.m .Values.m }}", "error calling eq: non-comparable type")]
    [InlineData("{{ eq .Values.s }}", "error calling eq: missing argument for comparison")]
    [InlineData("{{ gt .Values.i 1 }}", "error calling gt: incompatible types for comparison")]
    [InlineData("{{ gt .Values.n 1 }}", "error calling gt: invalid type for comparison")]
    [InlineData("{{ index .Values.n \"a\" }}", "error calling index: index of untyped nil")]
    [InlineData("{{ index .Values.l 3 }}", "error calling index: index out of range: 3")]
    [InlineData("{{ index .Values.m 3 }}", "error calling index: cannot index with int")]
    [InlineData("{{ index .Values.s \"a\" }}", "error calling index: can't index item of type string")]
    [InlineData("{{ printf \"%d\" .Values.i }}", "printf: %d of float64 is not in the subset")]
    [InlineData("{{ printf \"%s\" }}", "printf: %s has no value")]
    [InlineData("{{ printf \"x\" 1 }}", "printf: more values than verbs")]
    [InlineData("{{ and }}", "wrong number of args for and: want at least 1 got 0")]
    [InlineData("{{ default }}", "wrong number of args for default: want at least 1 got 0")]
    [InlineData("{{ not }}", "wrong number of args for not: want 1 got 0")]
    [InlineData("{{ fail \"boom\" }}", "error calling fail: boom")]
    [InlineData("{{ fail .Values.i }}", "wrong type for value; expected string; got float64")]
    [InlineData("{{ fail .Values.n }}", "wrong type for value; expected string; got interface {}")]
    [InlineData("{{ .Values.s 1 }}", "s is not a method but has arguments")]
    [InlineData("{{ 1 2 }}", "can't give argument to non-function")]
    [InlineData("{{ nil }}", "nil is not a command")]
    [InlineData("{{ if false }}{{ $q := 1 }}{{ else }}{{ $q }}{{ end }}", "undefined variable: $q")]
    public void What_Go_cannot_run_fails(string template, string message) => Fails(template, message);

    [Theory]
    [InlineData("{{ $y }}", "undefined variable \"$y\"")]
    [InlineData("{{ $x := $x }}", "undefined variable \"$x\"")]
    [InlineData("{{ if true }}{{ $q := 1 }}{{ end }}{{ $q }}", "undefined variable \"$q\"")]
    [InlineData("{{ \"x\" | 1 }}", "non executable command in pipeline stage 2")]
    [InlineData("{{ }}", "missing value for command")]
    [InlineData("{{ if }}x{{ end }}", "missing value for if")]
    [InlineData("{{ (1 }}", "unclosed left paren")]
    [InlineData("{{ 1) }}", "unexpected right paren")]
    [InlineData("{{ if 1 }}x", "'if' has no end")]
    [InlineData("{{ end }}", "unexpected {{end}}")]
    [InlineData("{{ else }}", "unexpected {{else}}")]
    [InlineData("{{ if 1 }}a{{ else }}b{{ else }}c{{ end }}", "'if' has no end")]
    [InlineData("{{ .Values.a", "unclosed action")]
    [InlineData("{{ .Values.a\"x\" }}", "bad character '\"'")]
    [InlineData("{{ \"x\"y }}", "unexpected \"y\" in operand")]
    [InlineData("{{ \"x\".y }}", "unexpected . after term")]
    [InlineData("{{ | .Values.a }}", "empty command")]
    [InlineData("{{ range $a, $b, $c := .Values }}{{ end }}", "too many declarations in range")]
    [InlineData("{{ $a, $b := .Values }}", "too many declarations in command")]
    public void What_Go_cannot_read_fails(string template, string message) => Fails(template, message);

    [Theory]
    [InlineData("{{ toYaml .Values.m }}", "the function \"toYaml\" is not defined, or not in the subset")]
    [InlineData("{{ include \"x\" . }}", "the function \"include\" is not defined, or not in the subset")]
    [InlineData("{{ define \"x\" }}{{ end }}", "'define' is not in the subset")]
    [InlineData("{{ template \"x\" }}", "'template' is not in the subset")]
    [InlineData("{{ range .Values.l }}{{ break }}{{ end }}", "'break' is not in the subset")]
    [InlineData("{{ .Capabilities.KubeVersion }}", "can't evaluate field KubeVersion")]
    public void What_is_outside_the_subset_is_named(string template, string message) => Fails(template, message);

    private static void Fails(string template, string message)
    {
        var error = Should.Throw<TemplateException>(() => Run("{s: x, m: {}, l: [null], i: 1}", "first\n" + template));
        error.Message.ShouldStartWith("demo/templates/a.yaml:2: ");
        error.Message.ShouldContain(message);
    }

    private static string Run(string values, string template) => Evaluator.Run("demo/templates/a.yaml", template, new Dictionary<string, object?>
    {
        ["Values"] = YamlValues.ParseMap(values),
        ["Release"] = Release,
        ["Chart"] = new GoStruct("chart.Metadata", new Dictionary<string, object?> { ["Name"] = "demo" }),
        ["Capabilities"] = new GoStruct("*common.Capabilities", new Dictionary<string, object?>
        {
            ["APIVersions"] = new ApiVersions(["v1", "keda.sh/v1alpha1"]),
        }),
    });
}
