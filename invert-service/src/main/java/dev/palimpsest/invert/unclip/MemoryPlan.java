package dev.palimpsest.invert.unclip;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.unclip.UNet;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a run needs, part by part, before anything is read: weights as float32, counted in the files' headers, and the arrays of a pass,
 * computed from config.json. One part is in memory at a time, so the largest decides.
 *
 * @param parts bytes for each network, in the order of their use
 */
public record MemoryPlan(Map<String, Long> parts) {
    private static final double GIB = 1L << 30;

    public MemoryPlan {
        parts = new LinkedHashMap<>(parts);
    }

    public static MemoryPlan of(UnClipFolder folder, UnClipSettings settings) {
        Map<String, Long> parts = new LinkedHashMap<>();
        UnClipFolder.weights().forEach((part, stem) -> {
            long bytes = weights(folder.part(part), stem);
            if (part.equals(UnClipFolder.DECODER)) {
                bytes += UNet.workingBytes(folder.part(part), settings.guided() ? 2 : 1);
            } else if (part.equals(UnClipFolder.SUPER_RES_FIRST) || part.equals(UnClipFolder.SUPER_RES_LAST)) {
                bytes += UNet.workingBytes(folder.part(part), 1);
            }
            parts.put(part, bytes);
        });
        // Looks at the finished pictures, and chooses between seeds.
        folder.imageEncoder()
                .ifPresent(encoder -> parts.put(UnClipFolder.IMAGE_ENCODER, weights(encoder, UnClipFolder.MODEL)));
        return new MemoryPlan(parts);
    }

    private static long weights(Path folder, String stem) {
        try (Safetensors file = Safetensors.openCheckpoint(folder, stem)) {
            long numbers = 0;
            for (String name : file.names()) {
                numbers += file.tensor(name).elements();
            }
            return numbers * Float.BYTES;
        }
    }

    /** Bytes of the largest part. */
    public long need() {
        return parts.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /**
     * Refuses a run that cannot fit.
     *
     * @param where the device, for the message
     * @param available bytes
     * @throws PalimpsestException {@code NO_MEMORY} that says how much is needed for what, and how much there is
     */
    public void require(String where, long available) {
        if (need() > available) {
            String list = parts.entrySet().stream()
                    .map(part -> part.getKey() + " " + gibibytes(part.getValue()))
                    .collect(Collectors.joining(", "));
            throw new PalimpsestException(
                    ErrorCode.NO_MEMORY,
                    "UnCLIP needs " + gibibytes(need()) + " of memory on " + where + ", " + gibibytes(available)
                            + " are available. One part is there at a time: " + list
                            + ". Free memory, or use another --device.");
        }
    }

    private static String gibibytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f GiB", bytes / GIB);
    }
}
