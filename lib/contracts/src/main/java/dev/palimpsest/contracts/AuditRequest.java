package dev.palimpsest.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An accepted audit: the spec, and where the files that it names were put. Stored as {@code request.json}.
 *
 * @param backbone files of the backbone's folder by their name, e.g. {@code config.json}
 * @param head a released head, if the spec names one
 * @param images the dataset of a head to train, as earlier releases submit it
 * @param manifest the same by reference; then {@code images} is empty
 * @param tenant whose audit it is; null where a gateway has one token for everybody
 */
public record AuditRequest(
        int schemaVersion,
        AuditId audit,
        Instant accepted,
        AuditSpec spec,
        Map<String, ArtifactRef> backbone,
        @Nullable ArtifactRef head,
        @Nullable ArtifactRef normaliser,
        @Nullable ArtifactRef members,
        @Nullable ArtifactRef controls,
        List<Image> images,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable ImageManifest manifest,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String tenant) {
    public AuditRequest {
        backbone = Map.copyOf(backbone);
        images = images == null ? List.of() : List.copyOf(images);
    }

    /** Nobody's in particular. */
    public AuditRequest(
            int schemaVersion,
            AuditId audit,
            Instant accepted,
            AuditSpec spec,
            Map<String, ArtifactRef> backbone,
            @Nullable ArtifactRef head,
            @Nullable ArtifactRef normaliser,
            @Nullable ArtifactRef members,
            @Nullable ArtifactRef controls,
            List<Image> images,
            @Nullable ImageManifest manifest) {
        this(
                schemaVersion,
                audit,
                accepted,
                spec,
                backbone,
                head,
                normaliser,
                members,
                controls,
                images,
                manifest,
                null);
    }

    /** Samples of the dataset, wherever they are listed. */
    public int imagesInAll() {
        return manifest == null ? images.size() : manifest.images();
    }

    /**
     * One image of the dataset.
     *
     * @param file its path below the dataset's folder, for people
     * @param label the class
     * @param part {@code member} or {@code heldout}
     */
    public record Image(String file, String label, String part, ArtifactRef ref) {}
}
