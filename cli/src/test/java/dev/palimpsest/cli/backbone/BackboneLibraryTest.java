package dev.palimpsest.cli.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.cli.local.Home;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackboneLibraryTest {
    @TempDir
    Path folder;

    private Path home;
    private Path download;
    private BackboneLibrary library;

    @BeforeEach
    void aDownload() throws IOException {
        home = folder.resolve("home");
        download = Files.createDirectories(folder.resolve("Tiny-ViT"));
        Files.writeString(download.resolve("config.json"), "{}");
        Files.writeString(download.resolve("model.safetensors"), "weights");
        Files.writeString(download.resolve("pytorch_model.bin"), "not wanted");
        library = BackboneLibrary.of(Home.at(home));
    }

    @Test
    void aNameIsAFolderOfItsOwnThatOutlivesTheDownload() throws IOException {
        BackboneLibrary.Entry added = library.add(download, "tiny", "vit", 48, 64, 7.5);
        assertThat(added.files().keySet()).containsExactly("config.json", "model.safetensors");
        assertThat(added.files().get("model.safetensors"))
                .isEqualTo(new BackboneLibrary.Stored(Digests.sha256(download.resolve("model.safetensors")), 7));
        Files.delete(download.resolve("model.safetensors"));

        Path stored = library.resolve(folder, "tiny");
        assertThat(stored.resolve("model.safetensors")).hasContent("weights");
        assertThat(library.list()).containsExactly(added);
        assertThat(library.damaged("tiny")).isEmpty();
        assertThat(BackboneFiles.of(stored))
                .extracting(Path::getFileName)
                .extracting(Path::toString)
                .containsExactly("config.json", "model.safetensors");
    }

    @Test
    void contentIsStoredOnceUnderHoweverManyNames() throws IOException {
        library.add(download, "one", "vit", 48, 64, 7.5);
        library.add(download, "one", "vit", 48, 64, 7.5);
        library.add(download, "two", "vit", 48, 64, 7.5);
        try (Stream<Path> contents = Files.list(home.resolve("backbones/sha256"))) {
            assertThat(contents).hasSize(2);
        }
        assertThat(library.list()).extracting(BackboneLibrary.Entry::name).containsExactly("one", "two");
    }

    @Test
    void aNameIsNotGivenToOtherFiles() throws IOException {
        library.add(download, "tiny", "vit", 48, 64, 7.5);
        Files.writeString(download.resolve("model.safetensors"), "other weights");
        assertThatThrownBy(() -> library.add(download, "tiny", "vit", 48, 64, 7.5))
                .hasMessageContaining("The name tiny belongs to other files")
                .isInstanceOfSatisfying(
                        PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
        assertThat(library.resolve(folder, "tiny").resolve("model.safetensors")).hasContent("weights");
    }

    @Test
    void aFolderGoesBeforeAName() {
        library.add(download, "tiny", "vit", 48, 64, 7.5);
        assertThat(library.resolve(folder, "Tiny-ViT")).isEqualTo(download);
        assertThat(library.resolve(folder, "tiny")).isNotEqualTo(download);
        assertThatThrownBy(() -> library.resolve(folder, "huge"))
                .hasMessageContaining("huge is neither a folder in Hugging Face layout")
                .hasMessageContaining("one of the names [tiny]");
    }

    @Test
    void changedContentIsNoticed() throws IOException {
        library.add(download, "tiny", "vit", 48, 64, 7.5);
        Files.writeString(library.resolve(folder, "tiny").resolve("model.safetensors"), "bit rot");
        assertThat(library.damaged("tiny")).containsExactly("model.safetensors");
    }

    @Test
    void namesStayInsideTheLibrary() {
        for (String name : new String[] {"", "..", "a/b", "Tiny", "-x", "x".repeat(65)}) {
            assertThatThrownBy(() -> library.add(download, name, "vit", 48, 64, 7.5))
                    .as(name)
                    .hasMessageContaining("cannot be a name");
        }
        assertThat(BackboneLibrary.suggestedName(download)).isEqualTo("tiny-vit");
    }
}
