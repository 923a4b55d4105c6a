package dev.palimpsest.gateway.measure;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.view.Gallery;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What pictures are worth, measured once: a report is asked for many times, and its pictures never change. Kept by what was measured, the
 * last 4096 of them; an audit's samples are read only when one of its pictures was not measured yet. Thread-safe.
 */
public final class TakenMeasures {
    private static final int MOST = 4096;

    private final Function<AuditId, Optional<ArtifactRef>> samplesOf;
    private final Function<ArtifactRef, Function<Gallery.Entry, @Nullable Measures>> measurers;
    private final Map<Taken, Measures> taken = Collections.synchronizedMap(new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Taken, Measures> eldest) {
            return size() > MOST;
        }
    });

    /** Everything that a picture's measures depend on. */
    private record Taken(
            ArtifactRef samples,
            InversionReady picture,
            Selection.Representative representative,
            @Nullable InversionReady upperBound) {}

    public TakenMeasures(GatewayStore store) {
        this(
                audit -> store.find(Keys.knowledge(audit, "embeddings.safetensors")),
                samples -> Measurer.of(store, samples)::of);
    }

    /**
     * Over samples from elsewhere.
     *
     * @param samplesOf where an audit's samples are; empty when the owner gave none, or they are not embedded yet
     * @param measurers reads them
     */
    TakenMeasures(
            Function<AuditId, Optional<ArtifactRef>> samplesOf,
            Function<ArtifactRef, Function<Gallery.Entry, @Nullable Measures>> measurers) {
        this.samplesOf = samplesOf;
        this.measurers = measurers;
    }

    /** Gives the measures of an audit's pictures; null for a picture that none can be told of. */
    public Function<Gallery.Entry, @Nullable Measures> of(AuditId audit) {
        ArtifactRef samples = samplesOf.apply(audit).orElse(null);
        if (samples == null) {
            return entry -> null;
        }
        Supplier<Function<Gallery.Entry, @Nullable Measures>> measurer = once(() -> measurers.apply(samples));
        return entry -> {
            Selection.Representative representative = entry.representative();
            if (representative == null) {
                return null;
            }
            Taken what = new Taken(samples, entry.picture(), representative, entry.upperBound());
            Measures known = taken.get(what);
            if (known == null) {
                known = measurer.get().apply(entry);
                if (known != null) {
                    taken.put(what, known);
                }
            }
            return known;
        };
    }

    /** Forgets an audit that was erased: names of its files are among what is kept. */
    public void forget(AuditId audit) {
        taken.keySet().removeIf(what -> what.picture().audit().equals(audit));
    }

    private static <T> Supplier<T> once(Supplier<T> made) {
        return new Supplier<>() {
            private @Nullable T value;

            @Override
            public T get() {
                T result = value;
                if (result == null) {
                    result = made.get();
                    value = result;
                }
                return result;
            }
        };
    }
}
