package dev.palimpsest.contracts;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

/**
 * Names what the embed stage makes of a dataset, by everything that it depends on: the backbone's files, the side of the input, and the samples
 * in their order, by their digests. Labels, settings of the training and seeds are no part of it, so that the cells of a study share one
 * object. Whoever erases the last audit of the data finds it by the audit's request.
 */
public final class EmbeddedData {
    /** What the keys of all of them begin with. The grammar of audit ids has no underscore: it is no audit's own. */
    public static final String PREFIX = "knowledge/embedded_data/";

    /** Raise it with whatever changes an embedding by a bit: preprocessing, a network, the sizes of batches. */
    private static final int EDITION = 1;

    private EmbeddedData() {}

    /**
     * The key of the embedded dataset.
     *
     * @throws PalimpsestException INTERNAL when the request cannot be written as JSON
     */
    public static String key(AuditRequest request) {
        List<Object> parts = new ArrayList<>();
        parts.add(EDITION);
        new TreeMap<>(request.backbone()).forEach((name, ref) -> parts.add(List.of(name, ref.sha256())));
        AuditSpec.TrainSpec train = request.spec().target().train();
        Integer size = train == null ? null : train.size();
        parts.add(size == null ? 0 : size);
        request.images()
                .forEach(image -> parts.add(List.of(image.file(), image.ref().sha256())));
        ImageManifest manifest = request.manifest();
        if (manifest != null) {
            manifest.pages().forEach(page -> parts.add(page.sha256()));
        }
        return ArtifactRef.requireKey(PREFIX + sha256(parts) + ".safetensors");
    }

    private static String sha256(List<Object> parts) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(Json.mapper().writeValueAsBytes(parts)));
        } catch (JsonProcessingException | NoSuchAlgorithmException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot name the embedded samples of a request", e);
        }
    }
}
