package dev.palimpsest.contracts.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No value of a spec makes a program fetch an address: such a spec is refused before anything happens. */
class NoAddressesTest {
    private static final List<String> ADDRESSES = List.of(
            "http://169.254.169.254/latest/meta-data/iam",
            "https://example.org/model.safetensors",
            "HTTP://EXAMPLE.ORG/x",
            "file:///etc/passwd",
            "ftp://example.org/x",
            "s3://bucket/key",
            "jar:file:/tmp/x.jar!/y",
            "gopher://127.0.0.1:6379/_x");

    private static final List<String> SPECS = List.of(
            "backbone: '%s'\ntarget: { head: h.safetensors }\n",
            "backbone: b\ntarget: { head: '%s' }\n",
            "backbone: b\ntarget: { head: h.safetensors, normaliser: '%s' }\n",
            "backbone: b\ntarget: { head: h.safetensors }\nknowledge: { members: '%s' }\n",
            "backbone: b\ntarget: { head: h.safetensors }\nknowledge: { members: m, controls: '%s' }\n",
            "backbone: b\ntarget: { train: { dataset: '%s' } }\n",
            "backbone: b\ntarget: { train: { dataset: 'texts:%s' } }\n",
            "backbone: b\ntarget: { train: { dataset: d, split: '%s' } }\n");

    static Stream<String> specs() {
        return SPECS.stream().flatMap(spec -> ADDRESSES.stream().map(spec::formatted));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void anAddressIsRefused(String text) {
        assertThat(SpecReader.lint("apiVersion: palimpsest/v1\nname: n\n" + text))
                .extracting(Problem::text)
                .anySatisfy(problem -> assertThat(problem).contains("is an address"));
    }
}
