package dev.palimpsest.gateway.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.Selection.Neighbour;
import dev.palimpsest.contracts.Selection.Representative;
import dev.palimpsest.gateway.view.Gallery;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntBinaryOperator;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasurerTest {
    private static final int SIDE = 16;
    private static final IntBinaryOperator RAMP = (x, y) -> 10 * x + y;
    private static final IntBinaryOperator WAVES = (x, y) -> (x * y * 37) % 251;

    private final Map<ArtifactRef, byte[]> stored = new HashMap<>();

    @TempDir
    private Path folder;

    @Test
    void comparesWithTheMemberTheControlsAndTheNearestPublicPhotograph() throws IOException {
        // Members (1, 0) and (0, 1); controls (3, 4) and (-1, 0). The picture embeds at (4, 3), its upper bound at the
        // member.
        Gallery.Entry entry =
                entry("hen.jpg", "owl.jpg", embedding("seen", 4, 3), ready("bound", embedding("b", 2, 0)));

        Measures measures = measurer(true).of(entry);

        assertThat(measures.member().distance()).isCloseTo(0.2, within(1e-6));
        assertThat(measures.member().ssim()).isCloseTo(1, within(1e-9));
        assertThat(measures.upperBound().distance()).isCloseTo(0, within(1e-6));
        assertThat(measures.control().distance()).isCloseTo(0.04, within(1e-6));
        assertThat(measures.control().ssim()).isLessThan(0.5);
        assertThat(measures.closerControls()).isEqualTo(0.5);
        assertThat(measures.publicFile()).isEqualTo("owl.jpg");
        assertThat(measures.nearestPublic().distance()).isCloseTo(0.4, within(1e-6));
        assertThat(measures.beatsPublic()).isTrue();
    }

    @Test
    void aPictureThatIsNoCloserThanThePublicPhotographIsSaidToBe() throws IOException {
        Measures measures = measurer(true).of(entry("hen.jpg", "owl.jpg", embedding("seen", 1, 3), null));

        assertThat(measures.beatsPublic()).isFalse();
        assertThat(measures.upperBound()).isNull();
    }

    @Test
    void withoutPhotographsThereAreDistancesOnly() throws IOException {
        Measures measures = measurer(false).of(entry("#1", "#0", embedding("seen", 0, 3), null));

        assertThat(measures.member()).isEqualTo(new Likeness(null, 0));
        assertThat(measures.closerControls()).isZero();
        assertThat(measures.nearestPublic().ssim()).isNull();
    }

    @Test
    void aPictureOfAnEarlierReleaseHasNone() throws IOException {
        assertThat(measurer(true).of(entry("hen.jpg", "owl.jpg", null, null))).isNull();
    }

    private Measurer measurer(boolean images) throws IOException {
        Map<String, Tensor> tensors = new TreeMap<>();
        tensors.put("members", Tensor.ofFloats(new float[] {1, 0, 0, 1}, 2, 2));
        tensors.put("controls", Tensor.ofFloats(new float[] {3, 4, -1, 0}, 2, 2));
        if (images) {
            tensors.put("member_images", images(image("hen.jpg", RAMP), image("gnu.jpg", WAVES)));
            tensors.put("control_images", images(image("owl.jpg", WAVES), image("fox.jpg", WAVES)));
        }
        return new Measurer(Safetensors.read(Files.newInputStream(file(tensors)), "test"), stored::get);
    }

    private Gallery.Entry entry(
            String member, String control, @Nullable ArtifactRef seen, @Nullable InversionReady bound)
            throws IOException {
        return new Gallery.Entry(
                "picture-01",
                1,
                ready("picture", seen),
                new Representative(1, 1, 0, new Neighbour(member, 0.9, null), new Neighbour(control, 0.3, null)),
                false,
                bound);
    }

    private InversionReady ready(String name, @Nullable ArtifactRef embedding) throws IOException {
        ArtifactRef picture = keep(name + ".png", png(RAMP));
        return new InversionReady(new AuditId("an-audit"), name, picture, 0, picture, 0.9, 200, embedding);
    }

    private ArtifactRef embedding(String name, float... x) throws IOException {
        return keep(name, Files.readAllBytes(file(Map.of("embedding", Tensor.ofFloats(x, 1, x.length)))));
    }

    private Path file(Map<String, Tensor> tensors) throws IOException {
        Path file = Files.createTempFile(folder, "tensors", ".safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());
        return file;
    }

    private AuditRequest.Image image(String file, IntBinaryOperator content) throws IOException {
        return new AuditRequest.Image(file, "bird", "member", keep(file, png(content)));
    }

    private static Tensor images(AuditRequest.Image... images) throws IOException {
        return Tensor.ofBytes(Json.mapper().writeValueAsBytes(List.of(images)));
    }

    private ArtifactRef keep(String key, byte[] bytes) {
        ArtifactRef ref = new ArtifactRef("audits/a/" + key, "0".repeat(64), bytes.length);
        stored.put(ref, bytes);
        return ref;
    }

    private static byte[] png(IntBinaryOperator content) throws IOException {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                image.setRGB(x, y, 0x010101 * (content.applyAsInt(x, y) & 0xff));
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }
}
