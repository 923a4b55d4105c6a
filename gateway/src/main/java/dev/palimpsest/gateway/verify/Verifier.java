package dev.palimpsest.gateway.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.verify.Verification.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads everything that an audit stored, and everything that its documents refer to, and compares digests. A document's reference counts as
 * much as the digest that the store remembers: an object replaced together with the store's own note of it does not pass.
 */
public final class Verifier {
    private static final int SCHEMA_VERSION = 1;

    /** Larger ones are tensors or pictures. */
    private static final long LARGEST_DOCUMENT = 64L << 20;

    private final GatewayStore store;

    public Verifier(GatewayStore store) {
        this.store = store;
    }

    /** @throws PalimpsestException when the store does not answer; what is wrong with an object is a problem of the answer */
    public Verification verify(AuditId audit) {
        return new Round(audit).run();
    }

    private final class Round {
        private final AuditId audit;
        private final Map<String, ArtifactRef> known = new HashMap<>();
        private final Deque<ArtifactRef> open = new ArrayDeque<>();
        private final List<Problem> problems = new ArrayList<>();
        private int objects;
        private long bytes;

        Round(AuditId audit) {
            this.audit = audit;
        }

        Verification run() {
            for (String prefix : Keys.of(audit)) {
                for (String key : store.list(prefix)) {
                    store.find(key).ifPresent(this::add);
                }
            }
            while (!open.isEmpty()) {
                check(open.remove());
            }
            return new Verification(SCHEMA_VERSION, audit.value(), objects, bytes, problems);
        }

        private void add(ArtifactRef ref) {
            ArtifactRef other = known.putIfAbsent(ref.key(), ref);
            if (other == null) {
                open.add(ref);
            } else if (!other.equals(ref)) {
                problems.add(new Problem(
                        ref.key(),
                        ErrorCode.DIGEST_MISMATCH.name(),
                        "A document of the audit refers to %s with %d bytes and the digest %s; another, or the store, says %d bytes and %s"
                                .formatted(ref.key(), ref.bytes(), ref.sha256(), other.bytes(), other.sha256())));
            }
        }

        private void check(ArtifactRef ref) {
            try (InputStream in = store.open(ref)) {
                int first = in.read();
                if (first == '{'
                        && ref.bytes() <= LARGEST_DOCUMENT
                        && !ref.key().startsWith("backbones/")) {
                    ByteArrayOutputStream document = new ByteArrayOutputStream();
                    document.write(first);
                    in.transferTo(document);
                    references(Json.mapper().readTree(document.toByteArray()));
                } else if (first >= 0) {
                    in.transferTo(OutputStream.nullOutputStream());
                }
                objects++;
                bytes += ref.bytes();
            } catch (PalimpsestException e) {
                if (e.code() != ErrorCode.NOT_FOUND && e.code() != ErrorCode.DIGEST_MISMATCH) {
                    throw e;
                }
                problems.add(new Problem(ref.key(), e.code().name(), String.valueOf(e.getMessage())));
            } catch (IOException e) {
                problems.add(new Problem(
                        ref.key(), ErrorCode.BAD_FILE.name(), ref.key() + " cannot be read: " + e.getMessage()));
            }
        }

        /** Adds every reference below the node: an object with the three keys of one. */
        private void references(JsonNode node) {
            if (node.size() == 3 && node.hasNonNull("key") && node.hasNonNull("sha256") && node.hasNonNull("bytes")) {
                add(new ArtifactRef(
                        node.path("key").asText(),
                        node.path("sha256").asText(),
                        node.path("bytes").asLong()));
            } else {
                node.forEach(this::references);
            }
        }
    }
}
