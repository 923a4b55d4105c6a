package dev.palimpsest.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.palimpsest.stage.Metrics;
import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Alerts and panels ask for metrics that exist under that name. */
class MonitoringTest {
    private static final Pattern METRIC = Pattern.compile("palimpsest_[a-z_]+");

    @Test
    @SuppressWarnings("deprecation") // The registry that Quarkus has, with its older client.
    void whatIsAskedForIsExported() throws IOException {
        PrometheusMeterRegistry registry =
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, new CollectorRegistry(), Clock.SYSTEM);
        Metrics metrics = new Metrics(registry, () -> 0L);
        metrics.waited("select", Duration.ofSeconds(1));
        metrics.begin("select").done();
        metrics.figure("select", "recovered", 3);
        metrics.deadLetter("select", "BAD_FILE");
        metrics.gpuMemory(0, () -> Optional.of(new MemoryUsage(-1, 1, 1, 2)));
        Set<String> exported = names(registry.scrape());
        Path folder = Manifests.folder().resolve("components/monitoring");
        Set<String> asked = names(
                Files.readString(folder.resolve("rules.yaml")) + Files.readString(folder.resolve("palimpsest.json")));
        assertThat(asked).hasSizeGreaterThan(5);
        assertThat(exported).containsAll(asked);
    }

    @Test
    void theDashboardIsWhole() throws IOException {
        var dashboard = new ObjectMapper()
                .readTree(Manifests.folder()
                        .resolve("components/monitoring/palimpsest.json")
                        .toFile());
        assertThat(dashboard.path("panels")).hasSizeGreaterThan(5).allSatisfy(panel -> {
            assertThat(panel.at("/targets/0/expr").asText()).isNotBlank();
            assertThat(panel.path("title").asText()).isNotBlank();
        });
        assertThat(Manifests.each(dashboard.path("panels"))
                        .map(panel -> panel.path("id").asInt()))
                .doesNotHaveDuplicates();
    }

    private static Set<String> names(String text) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = METRIC.matcher(text);
        while (matcher.find()) {
            names.add(matcher.group());
        }
        return names;
    }
}
