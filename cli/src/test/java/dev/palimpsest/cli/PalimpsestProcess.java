package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The {@code ./palimpsest} command of the built tree, run as a user runs it, with a home of its own. */
final class PalimpsestProcess {
    private static final long MINUTES = 10;

    private final Path home;
    private final Map<String, String> environment;

    PalimpsestProcess(Path home, Map<String, String> environment) {
        this.home = home;
        this.environment = environment;
    }

    /**
     * Runs the command to its end, which must be a success.
     *
     * @param listener gets each line as it is printed
     * @return all lines, errors among them
     */
    List<String> run(Consumer<String> listener, String... arguments) throws IOException, InterruptedException {
        return run(0, listener, arguments);
    }

    /** As above, to an end with this exit code. */
    List<String> run(int exitCode, Consumer<String> listener, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("palimpsest.repo"), "palimpsest").toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().put("PALIMPSEST_HOME", home.toString());
        builder.environment().put("PALIMPSEST_NO_BUILD", "1");
        Process process = builder.start();
        // Ends the reading below, too, should the command hang.
        var unused = process.onExit().orTimeout(MINUTES, TimeUnit.MINUTES).whenComplete((p, late) -> process.destroy());
        List<String> lines = new ArrayList<>();
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
                listener.accept(line);
            }
        } finally {
            process.destroy();
        }
        assertThat(process.waitFor()).as(String.join("\n", lines)).isEqualTo(exitCode);
        return lines;
    }
}
