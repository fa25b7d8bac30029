using SdAspire.Hosting.Keda.Publishing;

namespace SdAspire.Hosting.Tests.Publishing;

public sealed class TemplateTextTests
{
    private const string Deployment = """
        ---
        kind: "Deployment"
        metadata:
          name: "worker"
        spec:
          template:
            metadata:
              labels:
                component: "worker"
            spec:
              containers:
                - image: "one"
                  name: "sidecar"
                  env:
                    - name: "A"
                      value: "1"
                - image: "two"
                  name: "worker"
                  ports:
                    - name: "http"
              volumes:
                - name: "tmp"
          replicas: 1

        """;

    [Fact]
    public void A_block_loses_its_indentation() =>
        TemplateText.Block(Deployment, "spec.template.metadata").ShouldBe("labels:\n  component: \"worker\"\n");

    [Fact]
    public void Text_goes_behind_what_is_below_a_key() =>
        TemplateText.Append(Deployment, "spec.template.metadata.labels", "class: {{ $name }}")
            .ShouldBe(Deployment.Replace("component: \"worker\"\n", "component: \"worker\"\n        class: {{ $name }}\n"));

    [Fact]
    public void An_item_of_a_sequence_is_found_by_its_name() =>
        TemplateText.Append(Deployment, "spec.template.spec.containers[worker]", "resources:\n  limits: {}")
            .ShouldBe(Deployment.Replace("- name: \"http\"\n", "- name: \"http\"\n          resources:\n            limits: {}\n"));

    [Fact]
    public void Items_join_a_sequence_that_is_there() =>
        TemplateText.AppendItems(Deployment, "spec.template.spec.containers[sidecar]", "env", "- name: \"B\"")
            .ShouldBe(Deployment.Replace("value: \"1\"\n", "value: \"1\"\n            - name: \"B\"\n"));

    [Fact]
    public void A_sequence_that_is_not_there_is_made() =>
        TemplateText.AppendItems(Deployment, "spec.template.spec.containers[worker]", "env", "- name: \"B\"")
            .ShouldBe(Deployment.Replace("- name: \"http\"\n", "- name: \"http\"\n          env:\n            - name: \"B\"\n"));

    [Fact]
    public void A_key_goes_with_what_is_below_it()
    {
        TemplateText.Remove(Deployment, "spec.replicas").ShouldBe(Deployment.Replace("  replicas: 1\n", ""));
        TemplateText.Remove(Deployment, "spec.template.spec.volumes")
            .ShouldBe(Deployment.Replace("      volumes:\n        - name: \"tmp\"\n", ""));
    }

    [Theory]
    [InlineData("spec.template.spec.affinity")]
    [InlineData("spec.template.spec.containers[other]")]
    [InlineData("spec.template.spec.containers[http]")]
    [InlineData("replicas")]
    public void What_is_not_there_is_named(string path) =>
        Should.Throw<DistributedApplicationException>(() => TemplateText.Append(Deployment, path, "x: 1")).Message.ShouldContain(path);

    [Theory]
    [InlineData("{{ .Values.a.b | int }}", "{{ $.Values.a.b | int }}")]
    [InlineData("{{- if and .Values.a (not .Chart.b) }}", "{{- if and $.Values.a (not $.Chart.b) }}")]
    [InlineData("{{ $.Values.a }} {{ .name }} {{ $job.Values.x }}", "{{ $.Values.a }} {{ .name }} {{ $job.Values.x }}")]
    [InlineData("see .Values.a", "see .Values.a")]
    public void The_charts_own_values_are_named_from_the_root(string text, string expected) =>
        TemplateText.FromRoot(text).ShouldBe(expected);
}
