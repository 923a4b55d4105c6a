package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "gif"})
    void losslessFormatsKeepEverySample(String format) throws IOException {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0x102030);
        image.setRGB(1, 0, 0xfefdfc);
        BufferedImage decoded = ImageDecoder.decode(encode(image, format), "picture.jpg");
        assertThat(decoded.getType()).isEqualTo(BufferedImage.TYPE_INT_RGB);
        assertThat(RgbPixels.of(decoded).samples()).containsExactly(0x10, 0x20, 0x30, 0xfe, 0xfd, 0xfc);
    }

    /** Two 1 x 1 files, lossless and lossy. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==",
                "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"
            })
    void webpIsRead(String base64) {
        BufferedImage image = ImageDecoder.decode(Base64.getDecoder().decode(base64), "dot.webp");
        assertThat(image.getWidth()).isEqualTo(1);
        assertThat(image.getHeight()).isEqualTo(1);
    }

    @Test
    void greyIsCopiedWithoutACurve() throws IOException {
        BufferedImage grey = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setPixels(0, 0, 3, 1, new int[] {0, 73, 200});
        byte[] samples = RgbPixels.of(ImageDecoder.decode(encode(grey, "png"), "grey.png"))
                .samples();
        assertThat(samples).containsExactly(0, 0, 0, 73, 73, 73, 200, 200, 200);
    }

    @Test
    void alphaIsDroppedNotComposited() throws IOException {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x01804020);
        byte[] samples = RgbPixels.of(ImageDecoder.decode(encode(image, "png"), "thin.png"))
                .samples();
        assertThat(samples).containsExactly(0x80, 0x40, 0x20);
    }

    @ParameterizedTest
    @CsvSource({"image_0.png, 3", "image_1.jpg, 2", "image_1.jpg, 10", "image_2.png, 2"})
    void truncatedImagesAreRefused(String file, int parts) throws IOException {
        byte[] whole = Files.readAllBytes(Fixtures.tiny().resolve(file));
        byte[] cut = Arrays.copyOf(whole, whole.length - whole.length / parts);
        assertRefused(cut, "holiday-" + file, "truncated");
    }

    @ParameterizedTest
    @CsvSource({"lossy.webp, 2", "lossless.webp, 2", "cmyk.jpg, 2", "progressive.jpg, 2", "palette.gif, 2", "rgb.bmp, 2"
    })
    void truncatedImagesOfOtherKindsAreRefused(String file, int parts) throws IOException {
        byte[] whole = Files.readAllBytes(Path.of("src/test/resources/reference/images", file));
        assertRefused(Arrays.copyOf(whole, whole.length - whole.length / parts), file, file);
    }

    @Test
    void everyPhotographOfTheExamplesIsRead() throws IOException {
        Path photos = Fixtures.example("x").getParent().resolveSibling("photos").resolve("animals");
        try (var files = Files.list(photos)) {
            for (Path file : files.sorted().limit(10).toList()) {
                BufferedImage image = ImageDecoder.decode(Files.readAllBytes(file), file.toString());
                assertThat(image.getWidth()).as(file.toString()).isGreaterThan(50);
            }
        }
    }

    @Test
    void firstBytesDecideNotTheName() {
        assertRefused("PK\u0003\u0004 rest".getBytes(StandardCharsets.ISO_8859_1), "cat.jpg", "a ZIP archive");
        assertRefused("<html>not found</html>".getBytes(StandardCharsets.UTF_8), "dog.jpg", "an HTML, XML or SVG text");
        assertRefused("%PDF-1.7".getBytes(StandardCharsets.UTF_8), "scan.png", "a PDF document");
        assertRefused(new byte[0], "nothing.png", "an empty file");
        assertRefused(new byte[] {1, 2, 3}, "noise.png", "a file of an unknown kind");
    }

    @Test
    void sizeIsCheckedBeforeAnyPixelIsDecoded() {
        assertRefused(pngHeader(100_000, 100_000), "bomb.png", "100000 x 100000 pixels are more than 64000000");
        assertRefused(new byte[ImageDecoder.MAX_BYTES + 1], "huge.bmp", "more than 33554432");
    }

    @Test
    void theScreenOfAGifIsBoundedToo() throws IOException {
        assertRefused(patched(reference("palette.gif"), 6, 0xff, 0xff, 0xff, 0xff), "bomb.gif", "65535 x 65535 pixels");
    }

    /** Offsets of the sizes: in VP8 and VP8L after the file's and the chunk's header, in VP8X before them. */
    @Test
    void webpThatLiesIsRefusedBeforeTheNativeDecoderSeesIt() throws IOException {
        byte[] lossy = reference("lossy.webp");
        assertRefused(patched(lossy, 26, 0xff, 0x3f, 0xff, 0x3f), "bomb.webp", "16383 x 16383 pixels are more than");
        assertRefused(patched(reference("lossless.webp"), 21, 0xff, 0xff, 0xff, 0x0f), "bomb.webp", "16384 x 16384");
        assertRefused(patched(lossy, 26, 0, 0, 5, 0), "flat.webp", "its picture has no pixels");
        assertRefused(patched(lossy, 20, 1), "later.webp", "its picture has no start");
        assertRefused(patched(lossy, 4, 0xff, 0xff, 0xff, 0xff), "long.webp", "it claims 4294967303 bytes");
        assertRefused(patched(lossy, 16, 0xff, 0xff, 0xff, 0xff), "long.webp", "its part VP8  claims 4294967295 bytes");
        assertRefused(Arrays.copyOf(lossy, 18), "short.webp", "it ends in its header");

        byte[] extended = reference("lossy-alpha.webp");
        assertRefused(
                patched(extended, 24, 0xff, 0x0f),
                "canvas.webp",
                "it claims 4096 x 26 pixels, its picture has 37 x 26");
        assertRefused(patched(extended, 20, extended[20] | 2), "film.webp", "it is animated");
        assertRefused(patched(extended, 16, 2), "short.webp", "a part of its header is too short");
    }

    /** Whatever is in the file, the process lives and the answer is an image or a refusal. */
    @ParameterizedTest
    @ValueSource(strings = {"lossy.webp", "lossless.webp", "lossless-alpha.webp", "lossy-alpha.webp"})
    void damagedWebpIsAnImageOrRefused(String file) throws IOException {
        byte[] whole = reference(file);
        Random random = new Random(1);
        int refused = 0;
        for (int round = 0; round < 500; round++) {
            byte[] damaged = whole.clone();
            for (int k = 0; k <= round % 8; k++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                ImageDecoder.decode(damaged, file);
            } catch (PalimpsestException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.BAD_IMAGE);
                refused++;
            }
        }
        assertThat(refused).isBetween(1, 499);
    }

    private static byte[] reference(String file) throws IOException {
        return Files.readAllBytes(Path.of("src/test/resources/reference/images", file));
    }

    private static byte[] patched(byte[] file, int at, int... values) {
        byte[] patched = file.clone();
        for (int i = 0; i < values.length; i++) {
            patched[at + i] = (byte) values[i];
        }
        return patched;
    }

    /** A PNG that promises a size and holds no pixels. */
    private static byte[] pngHeader(int width, int height) {
        ByteBuffer header = ByteBuffer.allocate(17).put("IHDR".getBytes(StandardCharsets.US_ASCII));
        header.putInt(width).putInt(height).put(new byte[] {8, 2, 0, 0, 0});
        CRC32 crc = new CRC32();
        crc.update(header.array());
        ByteBuffer png = ByteBuffer.allocate(33).put("\u0089PNG\r\n\u001a\n".getBytes(StandardCharsets.ISO_8859_1));
        return png.putInt(13).put(header.array()).putInt((int) crc.getValue()).array();
    }

    private static void assertRefused(byte[] bytes, String name, String reason) {
        assertThatThrownBy(() -> ImageDecoder.decode(bytes, name))
                .hasMessageStartingWith(name + ": ")
                .hasMessageContaining(reason)
                .isInstanceOfSatisfying(
                        PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_IMAGE));
    }

    private static byte[] encode(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, out)).isTrue();
        return out.toByteArray();
    }
}
