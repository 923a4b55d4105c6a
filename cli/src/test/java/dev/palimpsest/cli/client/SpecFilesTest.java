package dev.palimpsest.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.spec.Problem;
import dev.palimpsest.contracts.spec.SpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpecFilesTest {
    private static final String RELEASED = """
            apiVersion: palimpsest/v1
            name: A head
            backbone: vit
            target:
              head: head.safetensors
              normaliser: normaliser.safetensors
            knowledge: { members: members.safetensors }
            invert: { size: 128 }
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void aTransformer() throws IOException {
        Files.createDirectories(folder.resolve("vit"));
        Files.writeString(folder.resolve("vit/config.json"), "{\"model_type\": \"vit\", \"patch_size\": 14}");
        Files.createFile(folder.resolve("vit/model.safetensors"));
    }

    @Test
    void namesEveryFileThatIsMissingAndASizeThatTheBackboneDoesNotTakeEachWithItsLine() throws IOException {
        Files.createFile(folder.resolve("normaliser.safetensors"));

        assertThat(problems(RELEASED))
                .extracting(problem -> problem.line() + " " + problem.path())
                .containsExactlyInAnyOrder("5 target.head", "7 knowledge.members", "8 invert.size");
        assertThat(problems(RELEASED))
                .extracting(Problem::text)
                .anyMatch(text -> text.endsWith("a multiple of 14 pixels, found 128; use 126 or 140"))
                .anyMatch(text -> text.startsWith("there is no " + folder.resolve("head.safetensors")));
    }

    @Test
    void hasNothingToSayWhenAllIsThere() throws IOException {
        for (String file : List.of("head", "normaliser", "members")) {
            Files.createFile(folder.resolve(file + ".safetensors"));
        }

        assertThat(problems(RELEASED.replace("128", "112"))).isEmpty();
        // No picture is made: its size does not matter.
        assertThat(problems(RELEASED.replace("size: 128", "size: 128, top: 0"))).isEmpty();
    }

    @Test
    void aDatasetIsLookedForWithoutItsLayout() throws IOException {
        Files.createDirectories(folder.resolve("data"));
        String study = """
                apiVersion: palimpsest/v1
                name: A study
                backbone: nowhere/vit
                target: { train: { dataset: "folder:data", split: split.csv } }
                """;

        assertThat(problems(study))
                .extracting(Problem::path)
                .containsExactlyInAnyOrder("backbone", "target.train.split");
    }

    @Test
    void nothingIsSentOfASpecWhoseFilesAreMissing() throws IOException {
        Path file = Files.writeString(folder.resolve("audit.yaml"), RELEASED);

        assertThatThrownBy(() -> Submission.read(file).plan())
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("audit.yaml: 4 problems")
                .hasMessageContaining("line 5: target.head: there is no ");
    }

    private List<Problem> problems(String text) {
        return SpecFiles.problems(SpecReader.read(text, "audit.yaml"), folder, text);
    }
}
