package dev.palimpsest.embed.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.DatasetName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextsTest {
    @TempDir
    Path folder;

    @Test
    void readsACsvWithQuotesAndParts() throws IOException {
        Files.writeString(folder.resolve("t.csv"), """
                \uFEFFid,text,label,part
                1,"a game, with a ""comma\""",games,member
                2,"two
                lines",games,member
                3,chess,games,heldout
                4,physics,science,member
                5,chemie für alle,science,member
                """);

        Listing listing = read("t.csv");
        assertThat(listing.entries())
                .extracting(entry -> entry.file() + " " + entry.label() + " " + entry.part() + " " + text(entry))
                .containsExactly(
                        "t.csv:1 games member a game, with a \"comma\"",
                        "t.csv:2 games member two\nlines",
                        "t.csv:3 games heldout chess",
                        "t.csv:4 science member physics",
                        "t.csv:5 science member chemie für alle");
        assertThat(listing.skipped()).isEmpty();
    }

    @Test
    void readsJsonLinesAndHoldsOutEverySecondTextOfALabel() throws IOException {
        Files.writeString(folder.resolve("t.jsonl"), """
                {"text": "a", "label": 0}
                {"text": "b", "label": 1}

                {"text": "c", "label": 0, "more": [1]}
                {"text": "d", "label": 1}
                {"text": "e", "label": 0}
                {"text": "f", "label": 1}
                """);

        assertThat(read("t.jsonl").entries())
                .extracting(entry -> entry.file() + " " + entry.part() + " " + text(entry))
                .containsExactly(
                        "t.jsonl:1 member a",
                        "t.jsonl:6 member e",
                        "t.jsonl:4 heldout c",
                        "t.jsonl:2 member b",
                        "t.jsonl:7 member f",
                        "t.jsonl:5 heldout d");
    }

    @Test
    void rowsThatLackSomethingAreLeftOutAndTold() throws IOException {
        Files.writeString(
                folder.resolve("t.csv"),
                "text,label,part\n,x,member\na,,member\nb,x,train\n" + "y".repeat(Texts.LONGEST + 1)
                        + ",x,member\nc,x,member\nd,x,member\ne,y,member\nf,y,\ng,y,\n");
        Listing table = read("t.csv");
        assertThat(table.entries()).extracting(TextsTest::text).containsExactly("c", "d", "e", "g", "f");
        assertThat(table.skipped())
                .containsExactly(
                        "t.csv, row 1: no text.",
                        "t.csv, row 2: no label.",
                        "t.csv, row 3: part is 'train', expected member or heldout.",
                        "t.csv, row 4: a text of 100001 characters, more than 100000.");

        Files.writeString(
                folder.resolve("t.jsonl"),
                "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\": \n[1]\n{\"text\":\"b\",\"label\":\"y\"}\n".repeat(3));
        assertThat(read("t.jsonl").skippedInAll()).isEqualTo(6);
        assertThat(read("t.jsonl").skipped().get(0)).startsWith("t.jsonl, row 2: not JSON (");
        assertThat(read("t.jsonl").skipped().get(1)).isEqualTo("t.jsonl, row 3: no text.");
    }

    @Test
    void saysWhatWasExpected() throws IOException {
        Files.writeString(folder.resolve("t.csv"), "sentence,label\na,b\n");
        assertThatThrownBy(() -> read("t.csv"))
                .hasMessageContaining("expected a header with the columns text and label, found [sentence, label]");
        Files.writeString(folder.resolve("t.csv"), "text,label\n\"a,b\nc,d\n");
        assertThatThrownBy(() -> read("t.csv"))
                .hasMessageContaining("not CSV (")
                .hasMessageContaining("quote missing");
        Files.write(folder.resolve("t.csv"), "text,label\nfür,b\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> read("t.csv")).hasMessageContaining("is not text in UTF-8");
        assertThatThrownBy(() -> read("texts:."))
                .hasMessageContaining("expected a file that ends in .csv, .tsv, .jsonl or .ndjson; found [t.csv]");
        Files.writeString(folder.resolve("t.tsv"), "text\tlabel\na\tx\nb\tx\nc\tx\n");
        assertThatThrownBy(() -> read("t.tsv")).hasMessageContaining("only 1 class(es): [x]");
    }

    private static String text(Entry entry) {
        return new String(entry.content().bytes(), StandardCharsets.UTF_8);
    }

    private Listing read(String name) {
        return Datasets.read(folder, DatasetName.of(name), null, Subset.ALL);
    }
}
