package dev.palimpsest.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class KeyCommandTest {
    @TempDir
    Path folder;

    @Test
    void theFileHoldsTheDigestAndNeverTheKey() throws Exception {
        Path file = folder.resolve("keys");
        assertThat(run(file, "ci", "--role", "submitter", "--tenant", "red")).isZero();
        assertThat(run(file, "ops", "--role", "operator")).isZero();

        assertThat(Files.readAllLines(file))
                .hasSize(2)
                .anyMatch(line -> line.matches("ci:submitter:red:[0-9a-f]{64}"))
                .anyMatch(line -> line.matches("ops:operator::[0-9a-f]{64}"))
                .noneMatch(line -> line.contains("pal_"));
        assertThatThrownBy(() -> command(file, "ci", "operator", null).call()).hasMessageContaining("has a key");
    }

    @Test
    void aTenantIsForAllButOperators() {
        Path file = folder.resolve("none");
        assertThat(run(file, "ci", "--role", "viewer")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run(file, "ops", "--role", "operator", "--tenant", "red")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run(file, "a:b", "--role", "operator")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(file).doesNotExist();
    }

    private static KeyCommand command(Path file, String name, String role, String tenant) {
        KeyCommand command = new KeyCommand();
        command.file = file;
        command.name = name;
        command.role = KeyCommand.Role.valueOf(role);
        command.tenant = tenant;
        return command;
    }

    private static int run(Path file, String... arguments) {
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--file";
        all[arguments.length + 1] = file.toString();
        return new CommandLine(new KeyCommand()).execute(all);
    }
}
