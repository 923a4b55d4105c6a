package dev.palimpsest.gateway.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.ImageManifest;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Keys.Area;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.spec.SpecReader;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The body of a submission: a spec and the references of the files that it names, checked against each other.
 *
 * @param refs of all files that the body names, without copies; those that a page of its manifest names are checked by {@link SampleCheck}
 */
record Submission(AuditRequest request, List<ArtifactRef> refs) {
    private static final int LONGEST_BODY = 32 << 20;
    private static final int SCHEMA_VERSION = 1;

    /** The shape of the body; the spec may also be a text: the YAML as the person wrote it. */
    record Body(
            @Nullable JsonNode spec,
            @Nullable Map<String, ArtifactRef> backbone,
            @Nullable ArtifactRef head,
            @Nullable ArtifactRef normaliser,
            @Nullable ArtifactRef members,
            @Nullable ArtifactRef controls,
            @Nullable List<AuditRequest.Image> images,
            @Nullable ImageManifest manifest) {}

    /**
     * Reads and checks.
     *
     * @param tenant whose audit it becomes; null: nobody's in particular
     * @throws PalimpsestException BAD_SPEC with all problems; USAGE when the body has another shape
     */
    static Submission read(AuditId id, Instant accepted, @Nullable String tenant, InputStream json) throws IOException {
        byte[] bytes = json.readNBytes(LONGEST_BODY + 1);
        if (bytes.length > LONGEST_BODY) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, "The body is larger than 32 MiB: upload files by reference, see /api/v1/uploads");
        }
        Body body = body(bytes);
        JsonNode spec = body.spec();
        if (spec == null || spec.isNull()) {
            throw new PalimpsestException(ErrorCode.BAD_SPEC, "The body has no 'spec': the content of an audit.yaml");
        }
        AuditSpec read = SpecReader.read(spec.isTextual() ? spec.asText() : spec.toString(), "spec");
        AuditRequest request = new AuditRequest(
                SCHEMA_VERSION,
                id,
                accepted,
                read,
                body.backbone() == null ? Map.of() : body.backbone(),
                body.head(),
                body.normaliser(),
                body.members(),
                body.controls(),
                body.images() == null ? List.of() : body.images(),
                body.manifest(),
                tenant);
        List<String> problems = problems(request);
        if (!problems.isEmpty()) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC, "The files do not fit the spec:\n  " + String.join("\n  ", problems));
        }
        return new Submission(request, refs(request));
    }

    /** Whether another request, accepted at another time, asks for the same. */
    boolean asksTheSame(AuditRequest other) {
        AuditRequest mine = request;
        return other.equals(new AuditRequest(
                mine.schemaVersion(),
                mine.audit(),
                other.accepted(),
                mine.spec(),
                mine.backbone(),
                mine.head(),
                mine.normaliser(),
                mine.members(),
                mine.controls(),
                mine.images(),
                mine.manifest(),
                mine.tenant()));
    }

    private static Body body(byte[] bytes) throws IOException {
        try {
            Body body = Json.mapper().readValue(bytes, Body.class);
            if (body == null) {
                throw new PalimpsestException(ErrorCode.USAGE, "The body is null: expected an object with 'spec'");
            }
            return body;
        } catch (JsonProcessingException e) {
            if (e.getCause() instanceof PalimpsestException cause) {
                throw new PalimpsestException(ErrorCode.USAGE, String.valueOf(cause.getMessage()), e);
            }
            throw new PalimpsestException(
                    ErrorCode.USAGE, "The body is not a submission: " + e.getOriginalMessage(), e);
        }
    }

    private static List<String> problems(AuditRequest request) {
        List<String> problems = new ArrayList<>();
        if (request.backbone().isEmpty()) {
            problems.add("backbone: no files were given; expected at least config.json and model.safetensors");
        }
        request.backbone().forEach((name, ref) -> {
            if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
                problems.add("backbone: '" + name + "' is not a plain file name");
            }
            area(problems, "backbone " + name, Area.BACKBONES, ref);
        });
        area(problems, "head", Area.TARGETS, request.head());
        area(problems, "normaliser", Area.TARGETS, request.normaliser());
        area(problems, "members", Area.KNOWLEDGE, request.members());
        area(problems, "controls", Area.KNOWLEDGE, request.controls());
        ImageManifest manifest = request.manifest();
        if (manifest != null) {
            manifest.pages().forEach(page -> area(problems, "manifest", Area.KNOWLEDGE, page));
        }

        AuditSpec.TargetSpec target = request.spec().target();
        AuditSpec.KnowledgeSpec knowledge = request.spec().knowledge();
        matches(problems, "head", target.head(), request.head());
        matches(problems, "normaliser", target.normaliser(), request.normaliser());
        matches(problems, "members", knowledge == null ? null : knowledge.members(), request.members());
        matches(problems, "controls", knowledge == null ? null : knowledge.controls(), request.controls());
        if (manifest != null && !request.images().isEmpty()) {
            problems.add("images: given both in the body and by a manifest; give one of them");
        }
        if (target.train() != null && manifest == null) {
            SampleCheck check = new SampleCheck();
            check.add(request.images());
            problems.addAll(check.problems());
        }
        return problems;
    }

    private static void matches(
            List<String> problems, String what, @Nullable String named, @Nullable ArtifactRef given) {
        if ((named == null) != (given == null)) {
            problems.add(what
                    + (named == null
                            ? " was given but the spec names none"
                            : " is named by the spec but was not given"));
        }
    }

    private static void area(List<String> problems, String what, Area area, @Nullable ArtifactRef ref) {
        if (ref != null && !ref.key().equals(Keys.upload(area, ref.sha256()))) {
            problems.add(what + ": " + ref.key() + " is not an upload of the area " + area.prefix());
        }
    }

    private static List<ArtifactRef> refs(AuditRequest request) {
        return Stream.of(
                        request.backbone().values().stream(),
                        Stream.of(request.head(), request.normaliser(), request.members(), request.controls())
                                .filter(Objects::nonNull),
                        request.manifest() == null ? Stream.<ArtifactRef>of() : request.manifest().pages().stream(),
                        request.images().stream().map(AuditRequest.Image::ref))
                .flatMap(refs -> refs)
                .distinct()
                .collect(Collectors.toList());
    }
}
