package dev.palimpsest.contracts;

import java.util.List;

/** One page of an {@link ImageManifest}, stored as JSON. */
public record ImagePage(int schemaVersion, List<AuditRequest.Image> images) {
    public ImagePage {
        images = List.copyOf(images);
    }
}
