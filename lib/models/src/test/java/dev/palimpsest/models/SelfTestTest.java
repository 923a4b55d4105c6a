package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SelfTestTest {

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    static List<Path> folders() {
        return Stream.concat(
                        Fixtures.backbones().stream().map(Fixtures::backbone),
                        Stream.of("efficientnet-lite0", "dinov2-small-saliency").map(Fixtures::example))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("folders")
    void everyNetworkPasses(Path folder) {
        try (Backbone backbone = Backbones.open(folder, Device.cpu())) {
            assertThat(SelfTest.run(backbone)).hasSize(5).allMatch(SelfTest.Check::passed);
        }
    }

    /** Four ways to be wrong, each of which one check, and no other, notices. */
    @Test
    void whatIsWrongIsNoticed() {
        assertThat(failures(x -> x.mul(x.getManager().create(Float.NaN)))).contains("numbers of the embeddings");
        // Depends on the rest of the batch.
        assertThat(failures(x -> x.add(x.mean(new int[] {0}, true)))).containsOnlyOnce("embedded beside another");
        // Says the same of every picture.
        assertThat(failures(x ->
                        x.mul(x.getManager().create(1e-6f)).add(x.getManager().create(1f))))
                .contains("cosine between two unlike");
        // Cuts half of the graph.
        assertThat(failures(x ->
                        x.mul(x.getManager().create(0.5f)).add(x.stopGradient().mul(0.5f))))
                .isEqualTo("relative difference between gradient and finite difference");
    }

    private static String failures(UnaryOperator<NDArray> fault) {
        try (Backbone backbone = Backbones.open(Fixtures.tiny(), Device.cpu())) {
            return String.join(
                    "; ",
                    SelfTest.run(new Faulty(backbone, fault)).stream()
                            .filter(check -> !check.passed())
                            .map(SelfTest.Check::what)
                            .toList());
        }
    }

    private record Faulty(Backbone backbone, UnaryOperator<NDArray> fault) implements Backbone {
        @Override
        public String name() {
            return backbone.name();
        }

        @Override
        public int dimension() {
            return backbone.dimension();
        }

        @Override
        public int inputSize() {
            return backbone.inputSize();
        }

        @Override
        public Preprocessing preprocessing() {
            return backbone.preprocessing();
        }

        @Override
        public NDManager manager() {
            return backbone.manager();
        }

        @Override
        public NDArray embed(NDArray pixelValues) {
            return fault.apply(backbone.embed(pixelValues));
        }

        @Override
        public boolean accepts(int size) {
            return backbone.accepts(size);
        }

        @Override
        public void close() {
            backbone.close();
        }
    }
}
