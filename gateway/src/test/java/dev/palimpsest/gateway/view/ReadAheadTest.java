package dev.palimpsest.gateway.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Selection;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
    private static final AuditId AUDIT = new AuditId("an-audit");

    private final Map<ArtifactRef, AtomicInteger> reads = new ConcurrentHashMap<>();

    @Test
    void documentsOfABatchAreReadSideBySideAndOnce() {
        CountDownLatch both = new CountDownLatch(2);
        Documents documents = counted(new Documents() {
            @Override
            public <T> T read(ArtifactRef ref, Class<T> type) {
                both.countDown();
                try {
                    // Passes only when the other is asked for before this one is there.
                    assertThat(both.await(10, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return type.cast(type == AuditRequest.class ? request() : selection());
            }
        });
        try (ReadAhead ahead = new ReadAhead(documents)) {
            ahead.begin(List.of(requested("request"), selected("selection")));

            assertThat(ahead.read(ref("request"), AuditRequest.class)).isEqualTo(request());
            assertThat(ahead.read(ref("selection"), Selection.class)).isEqualTo(selection());
        }
        assertThat(reads.values()).extracting(AtomicInteger::get).containsExactly(1, 1);
    }

    @Test
    void whatFailsIsReadAgainInItsTurnAndFailsThere() {
        Documents documents = counted(new Documents() {
            @Override
            public <T> T read(ArtifactRef ref, Class<T> type) {
                throw new PalimpsestException(ErrorCode.NOT_FOUND, ref.key());
            }
        });
        try (ReadAhead ahead = new ReadAhead(documents)) {
            ahead.begin(List.of(requested("request")));

            assertThatThrownBy(() -> ahead.read(ref("request"), AuditRequest.class))
                    .isInstanceOf(PalimpsestException.class)
                    .hasMessageContaining("request");
        }
        assertThat(reads.get(ref("request"))).hasValue(2);
    }

    @Test
    void whatIsOfAnEarlierBatchOrOfNoneIsReadWhenItIsAskedFor() {
        Documents documents = counted(new Documents() {
            @Override
            public <T> T read(ArtifactRef ref, Class<T> type) {
                return type.cast(request());
            }
        });
        try (ReadAhead ahead = new ReadAhead(documents)) {
            assertThat(ahead.read(ref("other"), AuditRequest.class)).isEqualTo(request());
            ahead.begin(List.of(requested("request")));
            ahead.read(ref("request"), AuditRequest.class);

            ahead.read(ref("request"), AuditRequest.class);
        }
        assertThat(reads.get(ref("other"))).hasValue(1);
        assertThat(reads.get(ref("request"))).hasValue(2);
    }

    @Test
    void largeDocumentsAreNotManyAtOnce() {
        Documents documents = counted(new Documents() {
            @Override
            public <T> T read(ArtifactRef ref, Class<T> type) {
                return type.cast(request());
            }
        });
        try (ReadAhead ahead = new ReadAhead(documents)) {
            List<CloudEvent> events = IntStream.range(0, 5)
                    .mapToObj(i -> CloudEvent.of(new Message.AuditRequested(AUDIT, large(i)), "test", Instant.EPOCH))
                    .toList();
            ahead.begin(events);
            ahead.read(large(0), AuditRequest.class);
            ahead.read(large(1), AuditRequest.class);
        }
        assertThat(reads).doesNotContainKey(large(4));
    }

    private static ArtifactRef large(int i) {
        return new ArtifactRef("audits/a/large-" + i, "0".repeat(64), 5 << 20);
    }

    private Documents counted(Documents documents) {
        return new Documents() {
            @Override
            public <T> T read(ArtifactRef ref, Class<T> type) {
                reads.computeIfAbsent(ref, first -> new AtomicInteger()).incrementAndGet();
                return documents.read(ref, type);
            }
        };
    }

    private static CloudEvent requested(String key) {
        return CloudEvent.of(new Message.AuditRequested(AUDIT, ref(key)), "test", Instant.EPOCH);
    }

    private static CloudEvent selected(String key) {
        return CloudEvent.of(new Message.SelectionReady(AUDIT, ref(key), true), "test", Instant.EPOCH);
    }

    private static AuditRequest request() {
        AuditSpec spec = new AuditSpec(
                AuditSpec.API_VERSION,
                "a name",
                "dino-vitb16",
                new AuditSpec.TargetSpec("head.safetensors", null, null),
                null,
                null,
                null,
                null);
        return new AuditRequest(1, AUDIT, Instant.EPOCH, spec, Map.of(), null, null, null, null, List.of(), null);
    }

    private static Selection selection() {
        return new Selection(
                1, AUDIT, true, ref("rows"), Collections.emptyList(), Collections.emptyList(), null, List.of());
    }

    private static ArtifactRef ref(String key) {
        return new ArtifactRef("audits/a/" + key, "0".repeat(64), 1);
    }
}
