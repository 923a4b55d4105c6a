package dev.palimpsest.gateway.control;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.EmbeddedData;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.ImagePage;
import dev.palimpsest.contracts.Keys.Area;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.view.Documents;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What audits share: the uploaded files that they work on (heads, members, controls, images), which lie under their digests, and what was
 * embedded of the same samples. Files of backbones are not counted: they are models that somebody published, and say nothing of a head's owner.
 */
final class Uploads {
    private final Documents documents;

    Uploads(Documents documents) {
        this.documents = documents;
    }

    /**
     * Keys that these requests refer to and no other does.
     *
     * @param all the requests of every audit; those of {@code mine} may be among them
     */
    Set<String> onlyOf(Map<AuditId, ArtifactRef> mine, Map<AuditId, ArtifactRef> all) {
        Set<String> keys = new HashSet<>();
        mine.values().forEach(request -> keys.addAll(of(request)));
        for (Map.Entry<AuditId, ArtifactRef> other : all.entrySet()) {
            if (keys.isEmpty()) {
                break;
            }
            if (!mine.containsKey(other.getKey())) {
                keys.removeAll(of(other.getValue()));
            }
        }
        return keys;
    }

    private Set<String> of(ArtifactRef ref) {
        Set<String> keys = new HashSet<>();
        try {
            AuditRequest request = documents.read(ref, AuditRequest.class);
            if (request.imagesInAll() > 0) {
                keys.add(EmbeddedData.key(request));
            }
            Stream.of(request.head(), request.normaliser(), request.members(), request.controls())
                    .filter(Objects::nonNull)
                    .forEach(file -> keys.add(file.key()));
            request.images().forEach(image -> keys.add(image.ref().key()));
            if (request.manifest() != null) {
                for (ArtifactRef page : request.manifest().pages()) {
                    keys.add(page.key());
                    documents
                            .read(page, ImagePage.class)
                            .images()
                            .forEach(image -> keys.add(image.ref().key()));
                }
            }
        } catch (PalimpsestException e) {
            // An erasure that was interrupted may have taken the pages before the request.
            if (e.code() != ErrorCode.NOT_FOUND) {
                throw e;
            }
        }
        keys.removeIf(key -> !key.startsWith(Area.TARGETS.prefix() + "/sha256/")
                && !key.startsWith(Area.KNOWLEDGE.prefix() + "/sha256/")
                && !key.startsWith(EmbeddedData.PREFIX));
        return keys;
    }
}
