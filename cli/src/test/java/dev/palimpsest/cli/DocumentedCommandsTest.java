package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.palimpsest.cli.client.SpecFiles;
import dev.palimpsest.cli.study.Study;
import dev.palimpsest.contracts.spec.SpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    /** What is said in the middle of a sentence may leave out what it is done to, but names no option that is not there. */
    @Test
    void whatIsMentionedInASentenceIsUnderstood() throws IOException {
        List<Documented> mentioned = DocumentedCommands.mentioned();
        assertThat(mentioned).hasSizeGreaterThan(10);
        for (Documented documented : mentioned) {
            try {
                Palimpsest.commandLine().parseArgs(documented.words().toArray(String[]::new));
            } catch (CommandLine.MissingParameterException e) {
                assertThat(e.getMessage()).as(documented.where()).startsWith("Missing");
            } catch (CommandLine.ParameterException e) {
                throw new AssertionError(documented + ": " + e.getMessage(), e);
            }
        }
    }

    @Test
    void everySpecOfTheDocumentationAndEveryExampleIsOneThatLintAccepts() throws IOException {
        Path repo = Path.of("..").toRealPath();
        Matcher yaml = Pattern.compile("```yaml\\n(apiVersion.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(repo.resolve("docs/quickstart.md")));
        assertThat(yaml.results().map(found -> SpecReader.lint(found.group(1))))
                .isNotEmpty()
                .allSatisfy(problems -> assertThat(problems).isEmpty());
        for (Path example : files(repo.resolve("examples"), ".yaml")) {
            String text = Files.readString(example);
            if (Study.is(text)) {
                assertThat(Study.read(example).cells()).as(example.toString()).isNotEmpty();
            } else {
                assertThat(SpecReader.lint(text)).as(example.toString()).isEmpty();
                assertThat(SpecFiles.problems(
                                SpecReader.read(text, example.toString()), repo.resolve("examples"), text))
                        .as(example.toString())
                        .isEmpty();
            }
        }
    }

    /** docs/tests.md names tests by their class. */
    @Test
    void everyTestThatTheDocumentationNamesIsThere() throws IOException {
        Path repo = Path.of("..").toRealPath();
        Matcher named = Pattern.compile("-Dit\\.test=(\\w+)").matcher(Files.readString(repo.resolve("docs/tests.md")));
        assertThat(named.results().map(found -> found.group(1) + ".java"))
                .isNotEmpty()
                .allSatisfy(file -> {
                    try (Stream<Path> all = Files.walk(repo, 12)) {
                        assertThat(all.filter(path ->
                                        path.endsWith(file) && path.toString().contains("src/test")))
                                .as(file)
                                .isNotEmpty();
                    }
                });
    }

    private static List<Path> files(Path folder, String end) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(path -> path.toString().endsWith(end)).sorted().toList();
        }
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

        /** In code within a sentence. */
        static List<Documented> mentioned() throws IOException {
            List<Documented> found = new ArrayList<>();
            for (Path page : pages()) {
                Matcher code = Pattern.compile("`(?:\\./)?palimpsest( [^`]+)`").matcher(Files.readString(page));
                while (code.find()) {
                    found.add(new Documented(
                            page.toString(), words("palimpsest" + code.group(1).replace("...", ""))));
                }
            }
            return found;
        }

        private static List<Path> pages() throws IOException {
            Path repo = Path.of("..").toRealPath();
            List<Path> pages = new ArrayList<>(List.of(repo.resolve("README.md")));
            pages.addAll(files(repo.resolve("docs"), ".md"));
            pages.addAll(files(repo.resolve("docs/adr"), ".md"));
            pages.addAll(files(repo.resolve("bench"), ".md"));
            return pages;
        }

        static List<Documented> all() throws IOException {
            Path repo = Path.of("..").toRealPath();
            List<Documented> found = new ArrayList<>();
            for (Path page : pages()) {
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
