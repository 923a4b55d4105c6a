package dev.palimpsest.reconstruct.attack;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Normaliser;
import java.nio.file.Files;
import java.nio.file.Path;

/** A head trained on real embeddings with its members, normalised {@code [n, d]}; for scoring only. */
record HeadFixture(Head head, double[] members, int n) {

    static HeadFixture read(String name) {
        Path folder = Path.of(System.getProperty("palimpsest.repo", "..")).resolve("../shared/fixtures/heads/" + name);
        assumeTrue(Files.exists(folder), "fixtures of heads are not here");
        try (Safetensors members = Safetensors.open(folder.resolve("members.safetensors"))) {
            var embeddings = members.tensor("embeddings");
            return new HeadFixture(
                    Head.read(folder.resolve("head.safetensors")),
                    Normaliser.read(folder.resolve("normaliser.safetensors")).apply(embeddings.toFloats()),
                    (int) embeddings.shape()[0]);
        }
    }

    /** Members that a candidate of their own reaches, by greedy one-to-one matching of the highest cosines. */
    int matched(Candidates candidates, double above) {
        return Matching.matched(members, n, candidates, above);
    }
}
