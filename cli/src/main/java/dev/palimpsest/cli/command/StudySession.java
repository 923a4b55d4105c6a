package dev.palimpsest.cli.command;

import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.client.Patience;
import dev.palimpsest.cli.study.Outcome;
import dev.palimpsest.cli.study.Study;
import dev.palimpsest.cli.study.StudyFiles;
import dev.palimpsest.cli.study.StudyRun;
import dev.palimpsest.contracts.AuditSpec;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Runs a study before a person's eyes, and keeps what is known of it in a folder, so that a killed command leaves what it had. */
final class StudySession {
    private static final Patience.Pause SLEEP = time -> Thread.sleep(time.toMillis());

    private final GatewayClient client;
    private final ServerOptions server;
    private final PrintStream progress;

    StudySession(GatewayClient client, ServerOptions server, PrintStream progress) {
        this.client = client;
        this.server = server;
        this.progress = progress;
    }

    /** As {@link StudyRun#run}. */
    List<Outcome> run(
            Study study, Function<AuditSpec, String> submit, Map<String, String> problems, Duration longest, Path out)
            throws InterruptedException {
        StudyRun run = new StudyRun(
                study, client, submit, new Patience(Patience.LIMIT, server.over(), progress::println, SLEEP), SLEEP);
        return run.run(problems, longest, new StudyRun.Listener() {
            @Override
            public void said(String line) {
                progress.println(line);
            }

            @Override
            public void changed(List<Outcome> outcomes) {
                StudyFiles.write(out, study, outcomes, client.address());
            }
        });
    }
}
