package dev.palimpsest.embed;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.ImageManifest;
import dev.palimpsest.contracts.ImagePage;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The samples that a request lists, in itself or by reference; then one page at a time is held. Used from one thread. */
final class Samples {
    private final ArtifactStore store;
    private final int size;
    private final int imagesAPage;
    private final List<String> labels;
    private final List<ArtifactRef> pages;
    private List<AuditRequest.Image> page;
    private int pageNumber;

    Samples(AuditRequest request, ArtifactStore store) {
        this.store = store;
        this.size = request.imagesInAll();
        ImageManifest manifest = request.manifest();
        if (manifest == null) {
            Set<String> seen = new LinkedHashSet<>();
            request.images().forEach(image -> seen.add(image.label()));
            this.labels = List.copyOf(seen);
            this.imagesAPage = Math.max(1, size);
            this.pages = List.of();
            this.page = request.images();
        } else {
            this.labels = manifest.labels();
            this.imagesAPage = manifest.imagesAPage();
            this.pages = manifest.pages();
            this.page = List.of();
            this.pageNumber = -1;
        }
    }

    int size() {
        return size;
    }

    /** The classes, in the order in which they first appear. */
    List<String> labels() {
        return labels;
    }

    /**
     * The sample at a place of the dataset.
     *
     * @throws PalimpsestException BAD_FILE when the page is not what the manifest says
     */
    AuditRequest.Image get(int place) {
        int wanted = place / imagesAPage;
        if (wanted != pageNumber) {
            page = read(wanted);
            pageNumber = wanted;
        }
        return page.get(place % imagesAPage);
    }

    private List<AuditRequest.Image> read(int number) {
        ArtifactRef ref = pages.get(number);
        try {
            List<AuditRequest.Image> images =
                    Json.mapper().readValue(store.get(ref), ImagePage.class).images();
            int expected = Math.min(imagesAPage, size - number * imagesAPage);
            if (images.size() == expected) {
                return images;
            }
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE,
                    "The page " + ref.key() + " lists " + images.size() + " images, its manifest says " + expected);
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE, "The page " + ref.key() + " is no list of images: " + e.getMessage(), e);
        }
    }
}
