package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.ImageManifest;
import dev.palimpsest.contracts.ImagePage;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.store.GatewayStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Whether the samples of a study can train a head, seen one after the other. */
final class SampleCheck {
    private static final int TOLD = 20;

    private final Map<String, Long> members = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private int images;
    private int more;

    /**
     * Checks the pages of a manifest and that every file which they name is in the store. One page at a time is held.
     *
     * @throws PalimpsestException BAD_SPEC with the first problems, NOT_FOUND for the first file that was not uploaded
     */
    static void require(ImageManifest manifest, GatewayStore store) {
        SampleCheck check = new SampleCheck();
        for (ArtifactRef page : manifest.pages()) {
            int expected = Math.min(manifest.imagesAPage(), manifest.images() - check.images);
            List<AuditRequest.Image> images = store.read(page, ImagePage.class).images();
            if (images.size() != expected) {
                check.problem("manifest: the page " + page.key() + " lists " + images.size() + " images, expected "
                        + expected);
            }
            check.add(images);
            store.requireAll(
                    images.stream().map(AuditRequest.Image::ref).distinct().toList());
        }
        if (!List.copyOf(check.members.keySet()).equals(manifest.labels())) {
            check.problem("manifest: the pages name the classes " + check.members.keySet() + ", the manifest "
                    + manifest.labels());
        }
        List<String> problems = check.problems();
        if (!problems.isEmpty()) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC, "The samples cannot be used:\n  " + String.join("\n  ", problems));
        }
    }

    void add(List<AuditRequest.Image> more) {
        for (AuditRequest.Image image : more) {
            images++;
            if (!image.part().equals("member") && !image.part().equals("heldout")) {
                problem("image " + image.file() + ": part is '" + image.part() + "', expected member or heldout");
            }
            if (!image.ref()
                    .key()
                    .equals(Keys.upload(Keys.Area.KNOWLEDGE, image.ref().sha256()))) {
                problem("image " + image.file() + ": " + image.ref().key() + " is not an upload of the area knowledge");
            }
            members.merge(image.label(), image.part().equals("member") ? 1L : 0L, Long::sum);
        }
    }

    /** The first problems of what was added, one sentence each, and how many more there are. */
    List<String> problems() {
        List<String> all = new ArrayList<>(problems);
        if (more > 0) {
            all.add("and " + more + " more");
        }
        if (images == 0) {
            all.add("images: the spec trains a head but no images were given");
        }
        if (members.size() == 1) {
            all.add("images: only the class '" + members.keySet().iterator().next() + "'; expected at least two");
        }
        members.forEach((label, count) -> {
            if (count < 1) {
                all.add("images: the class '" + label + "' has no member; add images or leave the class out");
            }
        });
        return all;
    }

    private void problem(String sentence) {
        if (problems.size() < TOLD) {
            problems.add(sentence);
        } else {
            more++;
        }
    }
}
