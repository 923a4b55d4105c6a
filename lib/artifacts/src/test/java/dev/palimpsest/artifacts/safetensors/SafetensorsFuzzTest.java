package dev.palimpsest.artifacts.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The reader of strangers' files under a fuzzer that the reader's coverage guides, in a small heap. Five seconds as a rule; {@code
 * -Dfuzz.seconds=600} for longer. What it finds is kept as a file in {@code corpus}, which it also starts from.
 */
class SafetensorsFuzzTest {
    /** 64 MiB for the reader; the rest is what the fuzzer takes when it looks over its class path. */
    private static final String HEAP = "-Xmx96m";

    private static final Path CORPUS = Path.of("src/test/resources/dev/palimpsest/artifacts/safetensors/corpus");

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource("corpus")
    void keptFilesAreReadOrRefused(Path file) throws IOException {
        SafetensorsFuzz.fuzzerTestOneInput(Files.readAllBytes(file));
    }

    @Test
    void noFileIsFoundThatIsNeitherReadNorRefused() throws Exception {
        Path found = Files.createDirectory(folder.resolve("found"));
        Path log = folder.resolve("log");
        Process fuzzer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HEAP,
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        classPath(),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=" + SafetensorsFuzz.class.getName(),
                        "--instrumentation_includes=dev.palimpsest.**",
                        "--custom_hook_includes=dev.palimpsest.**",
                        "--reproducer_path=" + folder,
                        "-max_total_time=" + Integer.getInteger("fuzz.seconds", 5),
                        "-max_len=4096",
                        "-timeout=10",
                        "-artifact_prefix=" + folder + "/",
                        found.toString(),
                        CORPUS.toAbsolutePath().toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        int code = fuzzer.waitFor();
        String output = Files.readString(log);
        assertThat(code).as(output).isZero();
        assertThat(output).containsPattern("DONE +cov: [0-9]{3,}").contains("Done ");
    }

    /** The reader, the fuzzer and little else: the larger the class path, the larger the fuzzer's heap. */
    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> Path.of(entry)
                        .getFileName()
                        .toString()
                        .matches("(test-)?classes|(palimpsest-contracts|jazzer|jackson).*[.]jar"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    static List<Path> corpus() {
        try (Stream<Path> files = Files.list(CORPUS)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
