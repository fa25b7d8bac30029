namespace SdAspire.Chart.Tests.Helm;

public sealed class HelmChartTests
{
    [Fact]
    public async Task A_chart_is_rendered_file_by_file_in_the_order_of_installation()
    {
        using var folder = new TemporaryChart(
            ("templates/a.yaml", "kind: Deployment\nname: {{ .Chart.Name }}-{{ .Chart.Version }}-{{ .Chart.AppVersion }}\n---\nkind: Zebra\n"),
            ("templates/b/b.yaml", "---\nkind: Secret\nrelease: {{ .Release.Name }}@{{ .Release.Namespace }} by {{ .Release.Service }}\n"),
            ("templates/c.yaml", "{{ if .Values.none }}kind: Secret{{ end }}\n"),
            ("templates/d.yaml", "kind: Secret\n---\nkind: Apple\n"),
            ("templates/_helpers.tpl", "{{/* nothing */}}"),
            ("templates/NOTES.txt", "Open {{ .Release.Name }}."));
        var rendered = (await HelmChart.LoadAsync(folder.Folder)).Render(new Release("r", "ns"));

        rendered.Notes.ShouldBe("Open r.");
        rendered.Print().ShouldBe("""
            ---
            # Source: demo/templates/b/b.yaml
            kind: Secret
            release: r@ns by Helm

            ---
            # Source: demo/templates/d.yaml
            kind: Secret

            ---
            # Source: demo/templates/a.yaml
            kind: Deployment
            name: demo-1.2.3-4

            ---
            # Source: demo/templates/d.yaml
            kind: Apple

            ---
            # Source: demo/templates/a.yaml
            kind: Zebra

            """);
    }

    [Fact]
    public async Task Values_are_merged_over_the_defaults()
    {
        using var folder = new TemporaryChart(
            ("values.yaml", "a: {x: 1, y: {z: 2}, list: [1, 2]}\nb: gone\nc: {d: 1, e: null}\n"),
            ("templates/a.yaml", "{{ .Values }}"));
        var chart = await HelmChart.LoadAsync(folder.Folder);

        Text(chart.Render(new Release())).ShouldBe("map[a:map[list:[1 2] x:1 y:map[z:2]] b:gone c:map[d:1]]");
        Text(chart.Render(new Release(), "a: {y: {w: 3}, list: [3]}\nb: null", "a: {y: {w: 4}}\nc: {d: null}\nnew: true"))
            .ShouldBe("map[a:map[list:[3] x:1 y:map[w:4 z:2]] c:map[] new:true]");
    }

    [Fact]
    public async Task A_number_that_is_set_is_an_integer_and_one_of_a_file_is_not()
    {
        using var folder = new TemporaryChart(("templates/a.yaml", "{{ eq (.Values.a | int) 1 }} {{ eq .Values.a 1 }}"));
        var chart = await HelmChart.LoadAsync(folder.Folder);

        Text(chart.Render(new Release(), [new Dictionary<string, object?> { ["a"] = 1L }])).ShouldBe("true true");
        Should.Throw<TemplateException>(() => chart.Render(new Release(), "a: 1")).Message.ShouldContain("incompatible types");
    }

    [Fact]
    public async Task Values_that_do_not_meet_the_schema_are_refused()
    {
        const string Schema = """
            {
              "$schema": "http://json-schema.org/draft-07/schema#",
              "type": "object",
              "additionalProperties": false,
              "properties": {
                "mode": { "enum": ["none", "shared"] },
                "replicas": { "type": "integer", "minimum": 1 },
                "models": { "type": "object", "propertyNames": { "pattern": "^[a-z]+$" }, "additionalProperties": { "$ref": "#/$defs/name" } },
                "image": { "type": "object", "additionalProperties": false, "properties": { "name": { "type": "string", "minLength": 1 } } }
              },
              "$defs": { "name": { "type": "string" } }
            }
            """;
        using var folder = new TemporaryChart(
            ("values.yaml", "mode: none\nreplicas: 1\nimage: {name: x}"), ("values.schema.json", Schema), ("templates/a.yaml", "{{ .Values.mode }}"));
        var chart = await HelmChart.LoadAsync(folder.Folder);

        chart.Schema!.UnknownKeywords.ShouldBeEmpty();
        Text(chart.Render(new Release(), "mode: shared")).ShouldBe("shared");
        Refused("mode: both").ShouldContain("#/mode");
        Refused("replicas: 0").ShouldContain("#/replicas");
        Refused("replicas: 1.5").ShouldContain("#/replicas");
        Refused("replicas: \"1\"").ShouldContain("#/replicas");
        Refused("image: {name: ''}").ShouldContain("#/image.name");
        Refused("image: {nmae: x}").ShouldContain("nmae");
        Refused("models: {A: b}").ShouldContain("#/models.A");
        Refused("models: {a: 1}").ShouldContain("#/models.a");
        Refused("modes: none").ShouldContain("modes");

        string Refused(string values) => Should.Throw<TemplateException>(() => chart.Render(new Release(), values)).Message;
    }

    [Fact]
    public async Task A_keyword_that_the_validator_would_pass_over_is_known()
    {
        var schema = await ValuesSchema.ParseAsync("""{"properties": {"if": {"type": "string"}, "a": {"items": {"if": {}}}}, "dependentRequired": {}, "$defs": {"x": {"const": 1}}}""");
        schema.UnknownKeywords.ShouldBe(["if", "dependentRequired", "const"]);
    }

    [Fact]
    public async Task A_cluster_says_what_it_serves()
    {
        using var folder = new TemporaryChart(
            ("templates/a.yaml", "{{ if not (.Capabilities.APIVersions.Has \"keda.sh/v1alpha1\") }}{{ fail \"KEDA is missing\" }}{{ end }}ok"));
        var chart = await HelmChart.LoadAsync(folder.Folder);

        Text(chart.Render(new Release { ApiVersions = ["keda.sh/v1alpha1"] })).ShouldBe("ok");
        Should.Throw<TemplateException>(() => chart.Render(new Release())).Message.ShouldContain("KEDA is missing");
    }

    private static string Text(Rendered rendered) => rendered.Files.Single().Text;
}
