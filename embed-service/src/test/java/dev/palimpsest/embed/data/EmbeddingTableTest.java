package dev.palimpsest.embed.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.artifacts.npy.Npy;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.DatasetName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingTableTest {
    private static final float[] ROWS = {0, 1, 10, 11, 20, 21, 30, 31, 40, 41, 50, Float.NaN};

    @TempDir
    Path folder;

    @Test
    void readsSafetensorsWithLabelsAndParts() {
        write(Map.of(
                "embeddings", Tensor.ofFloats(ROWS, 6, 2),
                "labels", Tensor.ofLongs(new long[] {1, 0, 1, 0, 1, 0}),
                "parts", Tensor.ofLongs(new long[] {0, 0, 0, 0, 1, 1})));

        Listing listing = Datasets.read(folder, DatasetName.of("e.safetensors"), null, Subset.ALL);
        assertThat(listing.entries())
                .extracting(entry -> entry.file() + " " + entry.label() + " " + entry.part())
                .containsExactly(
                        "e.safetensors:1 0 member",
                        "e.safetensors:3 0 member",
                        "e.safetensors:0 1 member",
                        "e.safetensors:2 1 member",
                        "e.safetensors:4 1 heldout");
        assertThat(Npy.read(listing.entries().get(1).content().bytes(), "row").toFloats())
                .containsExactly(30, 31);
        assertThat(listing.skipped()).containsExactly("e.safetensors, row 5: a number is not finite.");
    }

    @Test
    void readsNpyWithItsLabelsBesideIt() throws IOException {
        ByteBuffer rows = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        rows.asFloatBuffer().put(ROWS);
        npy("e.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (6, 2), }", rows.array());
        assertThatThrownBy(() -> Datasets.read(folder, DatasetName.of("e.npy"), null, Subset.ALL))
                .hasMessageContaining("there are no labels; expected them in " + folder.resolve("e.labels.npy"));
        npy("e.labels.npy", "{'descr': '|u1', 'fortran_order': False, 'shape': (6,), }", new byte[] {0, 0, 0, 1, 1, 1});

        npy("e.parts.npy", "{'descr': '|b1', 'fortran_order': False, 'shape': (6,), }", new byte[] {0, 0, 1, 0, 0, 1});

        assertThat(Datasets.read(folder, DatasetName.of("e.npy"), null, Subset.ALL)
                        .entries())
                .extracting(entry -> entry.file() + " " + entry.part())
                .containsExactly(
                        "e.npy:0 member", "e.npy:1 member", "e.npy:2 heldout", "e.npy:3 member", "e.npy:4 member");
    }

    @Test
    void saysWhatDoesNotFit() {
        write(Map.of("features", Tensor.ofFloats(ROWS, 6, 2)));
        assertThatThrownBy(() -> Datasets.read(folder, DatasetName.of("e.safetensors"), null, Subset.ALL))
                .hasMessageContaining("expected the tensors embeddings and labels, found [features]");
        write(Map.of("embeddings", Tensor.ofFloats(ROWS, 6, 2), "labels", Tensor.ofLongs(new long[] {1, 0})));
        assertThatThrownBy(() -> Datasets.read(folder, DatasetName.of("e.safetensors"), null, Subset.ALL))
                .hasMessageContaining("labels have shape [2], expected [6]: one a row");
        write(Map.of("embeddings", Tensor.ofFloats(ROWS), "labels", Tensor.ofLongs(new long[12])));
        assertThatThrownBy(() -> Datasets.read(folder, DatasetName.of("e.safetensors"), null, Subset.ALL))
                .hasMessageContaining("the embeddings have shape [12], expected [n, d]");
    }

    private void write(Map<String, Tensor> tensors) {
        SafetensorsWriter.write(folder.resolve("e.safetensors"), tensors, Map.of());
    }

    private void npy(String name, String header, byte[] numbers) throws IOException {
        byte[] text = (header + "\n").getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, 0});
        out.writeBytes(text);
        out.writeBytes(numbers);
        Files.write(folder.resolve(name), out.toByteArray());
    }
}
