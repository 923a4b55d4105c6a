package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * Every command line of the documentation and of the help pages is one that the command understands. That they do what the text says is
 * the matter of {@code DocumentedCommandsIT}, which runs them.
 */
class DocumentedCommandsTest {
    /** File, line and command. */
    record Documented(String where, List<String> words) {}

    static Stream<Documented> documented() throws IOException {
        return DocumentedCommands.all().stream();
    }

    @ParameterizedTest
    @MethodSource("documented")
    void isUnderstood(Documented documented) {
        assertThatCode(() ->
                        Palimpsest.commandLine().parseArgs(documented.words().toArray(String[]::new)))
                .as(documented.where())
                .doesNotThrowAnyException();
    }

    @Test
    void everyVerbHasAnExampleThatIsUnderstoodAndAHelpThatFitsAScreen() {
        List<CommandLine> commands = new ArrayList<>();
        Palimpsest.commandLine().getSubcommands().values().forEach(verb -> {
            commands.add(verb);
            commands.addAll(verb.getSubcommands().values());
        });
        for (CommandLine command : commands) {
            String help = command.getUsageMessage();
            assertThat(help.lines().count()).as(help).isLessThanOrEqualTo(45);
            assertThat(help.lines().mapToInt(String::length).max().orElse(0))
                    .as(help)
                    .isLessThanOrEqualTo(100);
            String example = help.lines()
                    .filter(line -> line.matches("(Example: (source <\\()?|  )palimpsest .*"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no example: " + help))
                    .replace("Example: ", "")
                    .strip()
                    .replaceAll("^source <\\((.*)\\)$", "$1");
            assertThatCode(() -> Palimpsest.commandLine()
                            .parseArgs(DocumentedCommands.words(example).toArray(String[]::new)))
                    .as(help)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void theListOfVerbsFitsAScreenWithALineForEach() {
        CommandLine all = Palimpsest.commandLine();
        String help = all.getUsageMessage();
        assertThat(help.lines().count()).as(help).isLessThanOrEqualTo(45);
        assertThat(help.lines().filter(line -> line.matches("  [a-z]+ {2,}.*")).count())
                .as(help)
                .isEqualTo(all.getSubcommands().size());
    }

    @Test
    void everyVerbIsDocumented() throws IOException {
        TreeSet<String> missing =
                new TreeSet<>(Palimpsest.commandLine().getSubcommands().keySet());
        DocumentedCommands.all()
                .forEach(command -> missing.remove(command.words().get(0)));
        assertThat(missing).isEmpty();
    }

    /** Finds commands in the documentation. */
    static final class DocumentedCommands {
        private DocumentedCommands() {}

        static List<Documented> all() throws IOException {
            Path repo = Path.of("..").toRealPath();
            List<Documented> found = new ArrayList<>();
            List<Path> pages = new ArrayList<>(List.of(repo.resolve("README.md")));
            try (Stream<Path> docs = Files.list(repo.resolve("docs"))) {
                docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
            }
            for (Path page : pages) {
                List<String> lines = Files.readAllLines(page);
                for (int i = 0; i < lines.size(); i++) {
                    String line = lines.get(i);
                    while (line.endsWith("\\")) {
                        line = line.substring(0, line.length() - 1)
                                + lines.get(++i).strip();
                    }
                    if (line.matches("(\\./)?palimpsest .*")) {
                        found.add(new Documented(repo.relativize(page) + ":" + (i + 1), words(line)));
                    }
                }
            }
            assertThat(found).hasSizeGreaterThan(10);
            return found;
        }

        /** Without the command's own name and what the shell makes of the rest: comments and redirections. */
        static List<String> words(String line) {
            String plain = line.replaceAll("\\s#.*$", "")
                    .replaceAll("\\s[12]?>.*$", "")
                    .strip();
            List<String> words = new ArrayList<>(Arrays.asList(plain.split("\\s+")));
            words.remove(0);
            return words;
        }
    }
}
