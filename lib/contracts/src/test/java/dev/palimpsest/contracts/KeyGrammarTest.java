package dev.palimpsest.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What a person or a stranger's file says never leaves its place in the store, nor in a file system that has keys as paths. */
class KeyGrammarTest {
    private static final AuditId AUDIT = new AuditId("a-study");

    @Property(tries = 5_000)
    void aNameStaysBelowItsPrefixOrIsRefused(@ForAll("names") String name) {
        try {
            String key = Keys.result(AUDIT, Stage.SELECT, name);
            assertThat(key).startsWith("audits/a-study/select/");
            Path root = Path.of("/store/audits/a-study/select");
            Path file = Path.of("/store").resolve(key);
            assertThat(file.normalize()).isEqualTo(file).startsWithRaw(root).isNotEqualTo(root);
            assertThat(key).matches("[A-Za-z0-9._=/-]+").doesNotContain("//").doesNotContain("..");
        } catch (PalimpsestException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.BAD_MESSAGE);
        }
    }

    @Property(tries = 5_000)
    void anAuditsNameHasNoPartsOrIsRefused(@ForAll("names") String name) {
        try {
            AuditId audit = new AuditId(name);
            assertThat(Path.of(audit.value()).getNameCount()).isOne();
            assertThat(Keys.request(audit)).isEqualTo("audits/" + name + "/request.json");
        } catch (PalimpsestException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.USAGE);
        }
    }

    @Property(tries = 2_000)
    void aReferenceTakesNoOtherKeys(@ForAll("names") String name) {
        try {
            String key = new ArtifactRef("audits/" + name, "0".repeat(64), 0).key();
            assertThat(Path.of("/" + key).normalize().toString()).isEqualTo("/" + key);
        } catch (PalimpsestException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.BAD_MESSAGE);
        }
    }

    /** Good pieces and all that has ever opened a path, in any order. */
    @Provide
    Arbitrary<String> names() {
        Arbitrary<String> pieces = Arbitraries.of(
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
                "_");
        return Arbitraries.oneOf(
                pieces.list().ofMinSize(0).ofMaxSize(6).map(list -> String.join("", list)),
                Arbitraries.strings().ofMaxLength(40),
                Arbitraries.strings().alpha().numeric().withChars("-._=/").ofMaxLength(600));
    }
}
