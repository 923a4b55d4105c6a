package dev.palimpsest.embed.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.DataClass;
import dev.palimpsest.contracts.DatasetName;
import dev.palimpsest.contracts.DatasetName.Layout;
import dev.palimpsest.contracts.Protocol;
import dev.palimpsest.models.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Food101Test {
    private static final List<String> TEN = Protocol.FOOD101_10.classes();

    @TempDir
    Path folder;

    @Test
    void isRecognisedAndReadAsPublished() throws IOException {
        publish(List.of("apple_pie", "pizza", "tacos"), 3, 2);

        assertThat(Datasets.recognise(folder)).isEqualTo(Layout.FOOD101);
        Listing listing = read(new Subset(classes("Apple pie", "tacos"), 0, 1, null));
        assertThat(listing.entries())
                .extracting(entry -> entry.file() + " " + entry.label() + " " + entry.part())
                .containsExactly(
                        "images/apple_pie/100.jpg Apple pie member",
                        "images/apple_pie/101.jpg Apple pie member",
                        "images/apple_pie/102.jpg Apple pie member",
                        "images/apple_pie/103.jpg Apple pie heldout",
                        "images/tacos/300.jpg tacos member",
                        "images/tacos/301.jpg tacos member",
                        "images/tacos/302.jpg tacos member",
                        "images/tacos/303.jpg tacos heldout");
        assertThat(listing.skippedInAll()).isZero();
        byte[] bytes = listing.entries().get(0).content().bytes();
        assertThat(ImageDecoder.decode(bytes, "picture").getWidth()).isEqualTo(24);
    }

    @Test
    void theBinaryProtocolTakesFiftyASideEvenlyFromItsDishes() throws IOException {
        publish(TEN, 14, 12);

        Listing listing = read(subset(Protocol.FOOD101_BINARY, 0L));
        assertThat(count(listing, entry -> entry.label() + " " + entry.part()))
                .containsExactlyInAnyOrder(
                        "first member 50", "first heldout 50", "second member 50", "second heldout 50");
        assertThat(count(listing, entry -> entry.file().split("/")[1] + " " + entry.part()))
                .hasSize(20)
                .allMatch(line -> line.endsWith(" 10"));
    }

    @Test
    void theSeedDecidesAndNothingElse() throws IOException {
        publish(TEN, 14, 12);

        List<Entry> drawn = read(subset(Protocol.FOOD101_10, 3L)).entries();
        assertThat(drawn).hasSize(200);
        assertThat(read(subset(Protocol.FOOD101_10, 3L)).entries()).isEqualTo(drawn);
        assertThat(read(subset(Protocol.FOOD101_10, 4L)).entries()).isNotEqualTo(drawn);
        // The draw of a class does not depend on which other classes are asked for.
        List<Entry> two =
                read(new Subset(classes("beignets", "bibimbap"), 10, 10, 3L)).entries();
        assertThat(drawn).containsAll(two);
    }

    @Test
    void whatTheListsNameButIsNotThereIsLeftOutAndTold() throws IOException {
        publish(List.of("apple_pie", "pizza"), 3, 2);
        Files.delete(folder.resolve("images/pizza/200.jpg"));
        Files.writeString(
                folder.resolve("meta/train.txt"),
                "pizza/../../../etc/passwd\npasta/1\npizza\n",
                StandardOpenOption.APPEND);

        Listing listing = read(Subset.ALL);
        assertThat(listing.entries()).hasSize(9);
        assertThat(listing.skipped())
                .containsExactly(
                        "There is no file images/pizza/200.jpg, which the dataset lists.",
                        "meta/train.txt, line 7: expected CLASS/ID with a class of classes.txt, found"
                                + " pizza/../../../etc/passwd.",
                        "meta/train.txt, line 8: expected CLASS/ID with a class of classes.txt, found pasta/1.",
                        "meta/train.txt, line 9: expected CLASS/ID with a class of classes.txt, found pizza.");
    }

    @Test
    void aClassWithoutImagesIsRefusedWithTheReason() throws IOException {
        publish(List.of("apple_pie", "pizza"), 1, 1);
        Files.delete(folder.resolve("images/pizza/200.jpg"));

        assertThatThrownBy(() -> read(Subset.ALL))
                .hasMessageContaining("class 'apple_pie' has one image to train on")
                .hasMessageContaining("class 'pizza' has no image to train on")
                .hasMessageContaining("There is no file images/pizza/200.jpg");
    }

    @Test
    void anotherLayoutIsSaidWithWhatWasExpectedAndFound() throws IOException {
        Drawn.picture(folder.resolve("images/pizza/1.jpg"), 1);
        Files.createDirectories(folder.resolve("meta"));
        Files.writeString(folder.resolve("meta/train.txt"), "pizza/1\n");

        assertThatThrownBy(() -> read(Subset.ALL))
                .hasMessageContaining(
                        "is not laid out as Food-101 is published: expected images, meta/classes.txt,"
                                + " meta/train.txt, meta/test.txt; missing meta/classes.txt, meta/test.txt; found [images, meta]");
    }

    private void publish(List<String> names, int train, int test) throws IOException {
        StringBuilder trained = new StringBuilder();
        StringBuilder tested = new StringBuilder();
        for (int c = 0; c < names.size(); c++) {
            for (int i = 0; i < train + test; i++) {
                int id = 100 * (c + 1) + i;
                Drawn.picture(folder.resolve("images/" + names.get(c) + "/" + id + ".jpg"), id);
                (i < train ? trained : tested)
                        .append(names.get(c))
                        .append('/')
                        .append(id)
                        .append('\n');
            }
        }
        Files.createDirectories(folder.resolve("meta"));
        Files.writeString(folder.resolve("meta/train.txt"), trained);
        Files.writeString(folder.resolve("meta/test.txt"), tested);
        Files.write(folder.resolve("meta/classes.txt"), names);
        Files.write(
                folder.resolve("meta/labels.txt"),
                names.stream()
                        .map(name -> name.substring(0, 1).toUpperCase()
                                + name.substring(1).replace('_', ' '))
                        .toList());
    }

    private static Subset subset(Protocol protocol, @Nullable Long seed) {
        return new Subset(
                protocol.classes().stream().map(DataClass::of).toList(),
                protocol.perClass(),
                protocol.perClass(),
                seed);
    }

    private static List<DataClass> classes(String... names) {
        return IntStream.range(0, names.length)
                .mapToObj(i -> DataClass.of(names[i]))
                .toList();
    }

    private static List<String> count(Listing listing, Function<Entry, String> by) {
        return listing.entries().stream().collect(Collectors.groupingBy(by, Collectors.counting())).entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .toList();
    }

    private Listing read(Subset subset) {
        return Datasets.read(folder, DatasetName.of("."), null, subset);
    }
}
