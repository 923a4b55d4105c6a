package dev.palimpsest.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.junit.jupiter.api.Test;

/** What the store's library learns to do one day is not allowed before somebody has thought about it. */
class AccessControlTest {
    /** Names of the bucket, and questions about what the library can do. */
    private static final Set<String> HARMLESS =
            Set.of("list", "headBucket", "delegate", "close", "getMinimumMultipartPartSize");

    @Test
    void everyOperationThatIsPassedOnIsLookedAt() {
        List<String> passedOn = Stream.of(ForwardingBlobStore.class.getDeclaredMethods())
                .filter(method -> !HARMLESS.contains(method.getName())
                        && !method.getName().startsWith("supports")
                        && !method.isSynthetic())
                .map(AccessControlTest::signature)
                .toList();
        List<String> lookedAt = Stream.of(AccessControl.class.getDeclaredMethods())
                .map(AccessControlTest::signature)
                .toList();
        assertThat(passedOn).hasSizeGreaterThan(20);
        assertThat(lookedAt).containsAll(passedOn);
    }

    private static String signature(Method method) {
        return method.getName() + List.of(method.getParameterTypes());
    }
}
