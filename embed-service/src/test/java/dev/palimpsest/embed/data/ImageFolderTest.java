package dev.palimpsest.embed.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.DataClass;
import dev.palimpsest.contracts.DatasetName;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
    @TempDir
    Path folder;

    @Test
    void withoutASplitEverySecondImageOfAClassIsHeldOut() throws IOException {
        images("cats", "a.jpg", "b.jpg", "c.jpg", "notes.txt");
        images("dogs", "a.png", "b.png", "c.png", "d.png");
        assertThat(read(null, 0))
                .extracting(entry -> entry.file() + " " + entry.part())
                .containsExactly(
                        "cats/a.jpg member",
                        "cats/c.jpg member",
                        "cats/b.jpg heldout",
                        "dogs/a.png member",
                        "dogs/c.png member",
                        "dogs/b.png heldout",
                        "dogs/d.png heldout");
    }

    @Test
    void theSplitDecidesAndPerClassBoundsTheMembers() throws IOException {
        images("cats", "a.jpg", "b.jpg", "c.jpg");
        images("dogs", "a.jpg", "b.jpg", "c.jpg");
        Path split = split(
                "cats/c.jpg,cats,member",
                "cats/a.jpg,cats,member",
                "cats/b.jpg,cats,member",
                "dogs/a.jpg,dogs,member",
                "dogs/b.jpg,dogs,member",
                "dogs/c.jpg,dogs,heldout");
        assertThat(read(split, 2, "dogs", "cats"))
                .extracting(Entry::file)
                .containsExactly("dogs/a.jpg", "dogs/b.jpg", "dogs/c.jpg", "cats/c.jpg", "cats/a.jpg");
    }

    @Test
    void anEmptyClassAndAClassWithOneImageAreNamedTogether() throws IOException {
        images("cats", "a.jpg");
        images("dogs");
        images("owls", "a.jpg", "b.jpg", "c.jpg");
        assertThatThrownBy(() -> read(null, 0, "cats", "dogs", "owls"))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("class 'cats' has one image")
                .hasMessageContaining("class 'dogs' has no image");
        assertThatThrownBy(() -> read(null, 0))
                .hasMessageContaining("class 'cats' has one image")
                .hasMessageContaining("class 'dogs' has no image");
    }

    @Test
    void aSplitCannotLeadOutOfTheFolderAndAllItsProblemsAreNamed() throws IOException {
        images("cats", "a.jpg", "b.jpg");
        Path split = split(
                "../secret.jpg,cats,member",
                "cats/a.jpg,cats,train",
                "cats/b.jpg,cats,member",
                "cats/b.jpg,cats,member");
        assertThatThrownBy(() -> read(split, 0))
                .hasMessageContaining("line 2: no file ../secret.jpg")
                .hasMessageContaining("line 3: expected FILE,LABEL,member")
                .hasMessageContaining("line 5: cats/b.jpg is listed twice");
    }

    @Test
    void aPlusInAFoldersNameIsPartOfTheName() throws IOException {
        images("salt+pepper", "a.jpg", "b.jpg", "c.jpg");
        images("salt", "a.jpg", "b.jpg", "c.jpg");
        assertThat(read(null, 0, "salt+pepper", "salt"))
                .extracting(Entry::label)
                .containsExactly("salt+pepper", "salt+pepper", "salt+pepper", "salt", "salt", "salt");
    }

    @Test
    void aClassThatIsNotThereIsSaidWithThoseThatAre() throws IOException {
        images("cats", "a.jpg", "b.jpg", "c.jpg");
        assertThatThrownBy(() -> read(null, 0, "cats", "cat", "x=cats"))
                .hasMessageContaining("class 'cat' is not there; there are [cats]")
                .hasMessageContaining("'cats' is asked for twice, once in class 'x'");
        assertThatThrownBy(() -> Datasets.read(folder, DatasetName.of("none"), null, Subset.ALL))
                .hasMessageContaining("There is no dataset " + folder.resolve("none"));
    }

    private List<Entry> read(@Nullable Path split, int perClass, String... classes) {
        return Datasets.read(
                        folder,
                        DatasetName.of("."),
                        split,
                        new Subset(Stream.of(classes).map(DataClass::of).toList(), perClass, 0, null))
                .entries();
    }

    private void images(String label, String... names) throws IOException {
        Files.createDirectories(folder.resolve(label));
        for (String name : names) {
            Files.createFile(folder.resolve(label).resolve(name));
        }
    }

    private Path split(String... lines) throws IOException {
        Path file = folder.resolve("split.csv");
        Files.writeString(file, "file,label,part\n" + String.join("\n", lines) + "\n");
        return file;
    }
}
