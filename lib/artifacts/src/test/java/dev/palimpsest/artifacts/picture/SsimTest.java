package dev.palimpsest.artifacts.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.contracts.PalimpsestException;
import java.awt.image.BufferedImage;
import java.util.function.IntBinaryOperator;
import org.junit.jupiter.api.Test;

class SsimTest {
    @Test
    void isOneForEqualPicturesAndSymmetric() {
        BufferedImage a = grey(17, 13, (x, y) -> 37 * x * x % 251);
        BufferedImage b = grey(17, 13, (x, y) -> 53 * y * y % 241);
        assertThat(Ssim.of(a, a)).isCloseTo(1, within(1e-12));
        assertThat(Ssim.of(a, b)).isCloseTo(Ssim.of(b, a), within(1e-12)).isBetween(-0.3, 0.3);
    }

    /** Without structure only the means are left: (2 a b + C1) / (a^2 + b^2 + C1). */
    @Test
    void comparesBrightnessWhereThereIsNothingElse() {
        double a = 51 / 255.0;
        double b = 204 / 255.0;
        assertThat(Ssim.of(grey(11, 11, (x, y) -> 51), grey(11, 11, (x, y) -> 204)))
                .isCloseTo((2 * a * b + 1e-4) / (a * a + b * b + 1e-4), within(1e-12));
    }

    @Test
    void aNegativeIsUnlikeItsPicture() {
        BufferedImage stripes = grey(24, 24, (x, y) -> x / 3 % 2 == 0 ? 255 : 0);
        BufferedImage negative = grey(24, 24, (x, y) -> x / 3 % 2 == 0 ? 0 : 255);
        assertThat(Ssim.of(stripes, negative)).isLessThan(-0.7);
    }

    @Test
    void otherSizesAreRefused() {
        assertThatThrownBy(() -> Ssim.of(grey(24, 24, (x, y) -> 0), grey(25, 24, (x, y) -> 0)))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("24 x 24 and 25 x 24");
        assertThatThrownBy(() -> Ssim.of(grey(10, 24, (x, y) -> 0), grey(10, 24, (x, y) -> 0)))
                .hasMessageContaining("at least 11 pixels");
    }

    private static BufferedImage grey(int width, int height, IntBinaryOperator level) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, 0x010101 * level.applyAsInt(x, y));
            }
        }
        return image;
    }
}
