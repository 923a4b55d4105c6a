package dev.palimpsest.cli.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.cli.Palimpsest;
import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.client.Patience;
import dev.palimpsest.cli.client.SpecUpload;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Studies of texts, whose backbone needs no files, against a gateway that says that everything is done. */
class StudyRunTest {
    private static final String STUDY = """
            apiVersion: palimpsest/v1
            name: s
            audit:
              backbone: minilm-l6-v2
              target: { train: { dataset: texts.csv, epochs: 100 } }
              reconstruct: { seconds: 1 }
            grid: { target.train.seed: [0, 1, 2, 3] }
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void texts() throws IOException {
        StringBuilder csv = new StringBuilder("text,label,part\n");
        for (int i = 0; i < 12; i++) {
            csv.append("text number ")
                    .append(i)
                    .append(i % 2 == 0 ? ",a" : ",b")
                    .append(i < 8 ? ",member" : ",heldout");
            csv.append('\n');
        }
        Files.writeString(folder.resolve("texts.csv"), csv + "the only one,lonely,member\n");
        Files.writeString(folder.resolve("study.yaml"), STUDY.replace("epochs: 100", "epochs: 100, classes: [a, b]"));
    }

    /** The command, run as a process, is killed with SIGKILL while its third cell is on the way. */
    @Test
    void aKilledStudyGoesOnAndSendsNoCellTwice() throws Exception {
        CountDownLatch third = new CountDownLatch(1);
        CountDownLatch killed = new CountDownLatch(1);
        try (FakeGateway gateway = new FakeGateway(number -> {
            if (number == 3) {
                third.countDown();
                await(killed);
            }
            return number != 3;
        })) {
            Process first = command(gateway);
            third.await();
            first.destroyForcibly().waitFor();
            killed.countDown();
            assertThat(gateway.audits).hasSize(3);

            Process second = command(gateway);
            String output = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(second.waitFor()).as(output).isZero();
            assertThat(gateway.audits).hasSize(4);
            assertThat(gateway.sent.values()).containsOnly(1, 2).hasSize(4);
            assertThat(Files.readString(folder.resolve("out/cells.csv")).lines())
                    .hasSize(5)
                    .filteredOn(line -> line.contains(",done,"))
                    .hasSize(4);
        }
    }

    @Test
    void aGatewayThatIsSilentForAWhileIsWaitedForAndACellThatCannotBeTrainedStopsNothing() throws Exception {
        Files.writeString(
                folder.resolve("study.yaml"),
                STUDY.replace("[0, 1, 2, 3]", "[0, 1]")
                        + "variants: { good: { target.train.classes: [a, b] }, bad: { target.train.classes: [a, lonely] } }\n");
        Study study = Study.read(folder.resolve("study.yaml"));
        AtomicInteger silences = new AtomicInteger();
        List<String> said = new ArrayList<>();
        try (FakeGateway gateway = new FakeGateway(number -> silences.incrementAndGet() > 2)) {
            GatewayClient client = new GatewayClient(gateway.address(), "token");
            StudyCheck check = StudyCheck.of(study);
            assertThat(check.problems()).hasSize(2);
            assertThat(check.problems().values())
                    .allMatch(problem -> problem.contains("class 'lonely' has one text to train on"));
            Patience patience = new Patience(Duration.ofMinutes(1), Optional::empty, said::add, time -> {});
            List<Outcome> outcomes = new StudyRun(
                            study, client, new SpecUpload(client, folder, line -> {}), patience, time -> {})
                    .run(check.problems(), Duration.ofMinutes(1), new StudyRun.Listener() {
                        @Override
                        public void said(String line) {
                            said.add(line);
                        }

                        @Override
                        public void changed(List<Outcome> known) {
                            assertThat(known).hasSize(4);
                        }
                    });
            assertThat(outcomes).extracting(Outcome::state).containsExactly("done", "done", "refused", "refused");
            assertThat(said).anyMatch(line -> line.contains("trying again in 1 s"));
            assertThat(said).anyMatch(line -> line.startsWith("2/4 bad, seed 1: refused, "));
            assertThat(gateway.audits).hasSize(2);
        }
    }

    @Test
    void aBudgetThatIsTooSmallForOneCellIsRefused() {
        StudyCheck check = new StudyCheck(Map.of(), 100, 5);
        check.requireRoom(Duration.ofMinutes(3));
        assertThatThrownBy(() -> check.requireRoom(Duration.ofMinutes(2)))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("--minutes 2 is too little for a single cell: the cheapest takes about 5.0 min");
    }

    private Process command(FakeGateway gateway) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Palimpsest.class.getName(),
                        "study",
                        folder.resolve("study.yaml").toString(),
                        "--server",
                        gateway.address(),
                        "--out",
                        folder.resolve("out").toString())
                .redirectErrorStream(true)
                .redirectOutput(
                        gateway.audits.isEmpty()
                                ? ProcessBuilder.Redirect.to(new File("/dev/null"))
                                : ProcessBuilder.Redirect.PIPE)
                .start();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
