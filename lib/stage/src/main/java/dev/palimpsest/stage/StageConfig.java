package dev.palimpsest.stage;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Configuration that every stage service has. */
@ConfigMapping(prefix = "palimpsest")
public interface StageConfig {
    /** Torch threads; more throughput is more workers, never more threads than cores. */
    @WithDefault("1")
    int threads();

    /** Where tensors live: cpu or cuda:0. */
    @WithDefault("cpu")
    String device();

    /** Local copies of artifacts by digest; may be deleted at any time. */
    @WithDefault("${java.io.tmpdir}/palimpsest-cache")
    Path cache();

    /** How long the unit in hand may take when the process is asked to end; less than what the process is given for it. */
    @WithDefault("8s")
    Duration lastUnit();

    Store store();

    Retry retry();

    Traces traces();

    /** The object store. */
    interface Store {
        /** Address, e.g. {@code http://127.0.0.1:9000}. */
        @WithDefault("http://127.0.0.1:9000")
        String endpoint();

        @WithDefault("palimpsest")
        String accessKey();

        /** Never logged. */
        String secretKey();

        @WithDefault("palimpsest")
        String bucket();
    }

    /** Where spans go. */
    interface Traces {
        /** A receiver of OTLP over HTTP, without the path, e.g. {@code http://127.0.0.1:4318}; nowhere without it. */
        Optional<String> endpoint();
    }

    /**
     * How often a failure that may pass is tried again, in place, before the record goes to the dead letters. By default for seven minutes: a store
     * that is started again somewhere else takes some, and meanwhile there is nothing else to do.
     */
    interface Retry {
        @WithDefault("20")
        int attempts();

        /** Wait before the second attempt, in milliseconds; doubles each time, at most 30 s. */
        @WithDefault("500")
        long firstDelayMillis();
    }
}
