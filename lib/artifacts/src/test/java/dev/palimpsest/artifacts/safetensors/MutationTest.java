package dev.palimpsest.artifacts.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MutationTest {
    private static final int MUTANTS = 20_000;

    private static byte[] valid() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SafetensorsWriter.write(
                out,
                Map.of(
                        "0.weight", Tensor.ofFloats(new float[12], 3, 4),
                        "0.bias", Tensor.ofDoubles(new double[3]),
                        "labels", Tensor.ofBytes(new byte[5])),
                Map.of("format", "pt"));
        return out.toByteArray();
    }

    private static byte[] mutate(byte[] bytes, Random random) {
        byte[] mutant = Arrays.copyOf(bytes, random.nextInt(4) == 0 ? random.nextInt(bytes.length + 9) : bytes.length);
        for (int i = random.nextInt(4); i >= 0 && mutant.length > 0; i--) {
            // Half of the changes hit what structure is made of.
            byte value =
                    (byte) (random.nextBoolean() ? "0123456789[]{}:,\"".charAt(random.nextInt(17)) : random.nextInt());
            mutant[random.nextInt(mutant.length)] = value;
        }
        return mutant;
    }

    @Test
    void everyMutantIsReadCompletelyOrRefusedAsABadFile() {
        byte[] valid = valid();
        Random random = new Random(20_261_124);
        int refused = 0;
        for (int i = 0; i < MUTANTS; i++) {
            byte[] mutant = mutate(valid, random);
            try (Safetensors read = Safetensors.read(new ByteArrayInputStream(mutant), "mutant " + i)) {
                for (String name : read.names()) {
                    Tensor tensor = read.tensor(name);
                    assertThat(tensor.toBytes())
                            .hasSize((int) tensor.elements() * tensor.dtype().bytes());
                }
            } catch (PalimpsestException e) {
                assertThat(e.code()).as("mutant " + i).isEqualTo(ErrorCode.BAD_FILE);
                refused++;
            }
        }
        assertThat(refused).isBetween(MUTANTS / 2, MUTANTS - 1);
    }
}
