package dev.palimpsest.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class InfraMainTest {
    @TempDir
    Path folder;

    private Process start(List<Integer> ports) throws IOException {
        Path settings = Files.writeString(folder.resolve("infra.properties"), """
                kafka.port=%d
                controller.port=%d
                s3.port=%d
                s3.access=someone
                s3.secret=something
                data.dir=%s
                topics=commands:3,audits:1:compact
                """.formatted(
                        ports.get(0), ports.get(1), ports.get(2), folder.resolve("data")));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx300m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        InfraMain.class.getName(),
                        settings.toString())
                .redirectError(folder.resolve("stderr").toFile())
                .start();
    }

    private static void awaitReady(Process process) throws IOException {
        BufferedReader out = process.inputReader();
        assertThat(out.readLine()).isEqualTo("READY");
    }

    @Test
    @Timeout(120)
    void readyMeansBothAnswerAndKilledOrStoppedItComesBack() throws Exception {
        List<Integer> ports = FreePorts.take(3);
        Process process = start(ports);
        try {
            awaitReady(process);
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + ports.get(0)))) {
                assertThat(admin.listTopics().names().get()).contains("commands", "audits");
            }
            HttpResponse<String> unsigned = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.get(2) + "/"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(unsigned.statusCode()).isEqualTo(403);

            process.destroyForcibly().waitFor();
            process = start(ports);
            awaitReady(process);

            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(143);
            assertThat(folder.resolve("data/kafka/.kafka_cleanshutdown")).exists();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    @Timeout(60)
    void wrongSettingsEndWithOneSentenceAndCodeOne() throws Exception {
        Process process = start(List.of(1, 2, 70_000));
        try {
            assertThat(process.waitFor()).isEqualTo(1);
            assertThat(folder.resolve("stderr")).content().contains("s3.port").doesNotContain("\tat ");
        } finally {
            process.destroyForcibly();
        }
    }
}
