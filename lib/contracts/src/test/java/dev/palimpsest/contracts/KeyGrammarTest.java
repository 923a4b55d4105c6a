package dev.palimpsest.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a person or a stranger's file says never leaves its place in the store, nor in a file system that has keys as paths: for names
 * drawn at random, the same in every run.
 */
class KeyGrammarTest {
    private static final AuditId AUDIT = new AuditId("a-study");
    private static final int TRIES = 5_000;
    private static final String GOOD = "abcXYZ0189-._=/";

    /** Good pieces and all that has ever opened a path. */
    private static final String[] PIECES = {
        "a",
        "item-3",
        "X.png",
        "sha256",
        ".",
        "..",
        "/",
        "//",
        "\\",
        "%2e%2e",
        "%2f",
        "\u0000",
        "\n",
        " ",
        "~",
        "C:",
        "\uFF0E\uFF0E",
        "\u2215",
        "$HOME",
        "*",
        "?",
        "#",
        "..;",
        "-",
        "=",
        "_"
    };

    @Test
    void aNameStaysBelowItsPrefixOrIsRefused() {
        names().forEach(name -> {
            try {
                String key = Keys.result(AUDIT, Stage.SELECT, name);
                assertThat(key).startsWith("audits/a-study/select/");
                Path root = Path.of("/store/audits/a-study/select");
                Path file = Path.of("/store").resolve(key);
                assertThat(file.normalize()).isEqualTo(file).startsWithRaw(root).isNotEqualTo(root);
                assertThat(key)
                        .matches("[A-Za-z0-9._=/-]+")
                        .doesNotContain("//")
                        .doesNotContain("..");
            } catch (PalimpsestException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.BAD_MESSAGE);
            }
        });
    }

    @Test
    void anAuditsNameHasNoPartsOrIsRefused() {
        names().forEach(name -> {
            try {
                AuditId audit = new AuditId(name);
                assertThat(Path.of(audit.value()).getNameCount()).isOne();
                assertThat(Keys.request(audit)).isEqualTo("audits/" + name + "/request.json");
            } catch (PalimpsestException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.USAGE);
            }
        });
    }

    @Test
    void aReferenceTakesNoOtherKeys() {
        names().forEach(name -> {
            try {
                String key = new ArtifactRef("audits/" + name, "0".repeat(64), 0).key();
                assertThat(Path.of("/" + key).normalize().toString()).isEqualTo("/" + key);
            } catch (PalimpsestException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.BAD_MESSAGE);
            }
        });
    }

    /** Pieces in any order, any characters, and long names of good characters, in turn. */
    private static Stream<String> names() {
        SplittableRandom random = new SplittableRandom(20261125);
        return Stream.iterate(0, i -> i + 1).limit(TRIES).map(i -> switch (i % 3) {
            case 0 -> joined(random);
            case 1 ->
                random.ints(random.nextInt(41), 0, Character.MAX_VALUE + 1)
                        .collect(StringBuilder::new, (text, c) -> text.append((char) c), StringBuilder::append)
                        .toString();
            default ->
                random.ints(random.nextInt(601), 0, GOOD.length())
                        .collect(StringBuilder::new, (text, c) -> text.append(GOOD.charAt(c)), StringBuilder::append)
                        .toString();
        });
    }

    private static String joined(SplittableRandom random) {
        StringBuilder name = new StringBuilder();
        for (int left = random.nextInt(7); left > 0; left--) {
            name.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return name.toString();
    }
}
