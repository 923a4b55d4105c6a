package dev.palimpsest.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.infra.EmbeddedStore;
import dev.palimpsest.infra.FreePorts;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactStoreTest {
    private static final String BYTES = "application/octet-stream";

    @TempDir
    static Path data;

    private static EmbeddedStore server;
    private static ArtifactStore store;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        server = EmbeddedStore.start(data, 0, "someone", "something");
        store = ArtifactStore.connect(settings("something"));
        store.ensureBucket();
    }

    @AfterAll
    static void stop() {
        store.close();
        server.close();
    }

    private static StoreSettings settings(String secret) {
        return StoreSettings.of(server.endpoint(), "someone", secret, "artifacts");
    }

    private static byte[] random(int bytes, long seed) {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        return content;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void assertCode(ThrowingCallable call, ErrorCode code, String message) {
        assertThatThrownBy(call)
                .hasMessageContaining(message)
                .extracting(e -> ((PalimpsestException) e).code())
                .isEqualTo(code);
    }

    /** Runs the calls at the same moment and returns what each gave: a reference, or the code of its failure. */
    private static List<Object> race(List<Callable<ArtifactRef>> calls) throws Exception {
        CyclicBarrier start = new CyclicBarrier(calls.size());
        ExecutorService pool = Executors.newFixedThreadPool(calls.size());
        try {
            List<Future<Object>> futures = new ArrayList<>();
            for (Callable<ArtifactRef> call : calls) {
                futures.add(pool.submit(() -> {
                    start.await();
                    try {
                        return call.call();
                    } catch (PalimpsestException e) {
                        return e.code();
                    }
                }));
            }
            List<Object> results = new ArrayList<>();
            for (Future<Object> future : futures) {
                results.add(future.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void theReferenceNamesDigestAndSizeAndGivesTheContentBack() {
        ArtifactRef ref = store.put("audits/one/hello", utf8("hello"), "text/plain");

        assertThat(ref)
                .isEqualTo(new ArtifactRef(
                        "audits/one/hello", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", 5));
        assertThat(store.get(ref)).isEqualTo(utf8("hello"));
        assertThat(store.stat("audits/one/hello")).contains(ref);
        assertThat(store.stat("audits/one/nothing")).isEmpty();
    }

    @Test
    void anEmptyObjectIsAnObject() {
        ArtifactRef ref = store.put("audits/empty/x", new byte[0], BYTES);

        assertThat(store.get(ref)).isEmpty();
    }

    @Test
    void deletesWhatBeginsWithThePrefixAndNothingElse() {
        for (String key : List.of("erase/a/1", "erase/a/b/2", "erase/ab/3", "erase/b")) {
            store.put(key, utf8(key), BYTES);
        }

        assertThat(store.delete("erase/a/")).isEqualTo(2);
        assertThat(store.list("erase/")).containsExactlyInAnyOrder("erase/ab/3", "erase/b");
        assertThat(store.delete("erase/a/")).as("again").isZero();
        store.delete(List.of("erase/b", "erase/never-there"));
        assertThat(store.list("erase/")).containsExactly("erase/ab/3");
        assertThat(store.put("erase/a/1", utf8("anew"), BYTES).bytes()).isEqualTo(4);
    }

    @Test
    void theSecondWriterGetsTheSameReferenceOrAConflict() {
        ArtifactRef first = store.put("audits/twice/x", utf8("a"), BYTES);

        assertThat(store.put("audits/twice/x", utf8("a"), BYTES)).isEqualTo(first);
        assertCode(() -> store.put("audits/twice/x", utf8("b"), BYTES), ErrorCode.CONFLICT, "audits/twice/x");
        assertThat(store.get(first)).isEqualTo(utf8("a"));
    }

    @Test
    void twoHundredRacesOfTwoWritersHaveOneWinnerEach() throws Exception {
        for (int round = 0; round < 200; round++) {
            String key = "races/" + round + "/x";
            byte[] one = random(2_000, 2L * round);
            byte[] two = random(2_000, 2L * round + 1);

            List<Object> results = race(List.of(() -> store.put(key, one, BYTES), () -> store.put(key, two, BYTES)));

            assertThat(results).as(key).filteredOn(r -> r == ErrorCode.CONFLICT).hasSize(1);
            ArtifactRef winner = (ArtifactRef) results.stream()
                    .filter(ArtifactRef.class::isInstance)
                    .findFirst()
                    .orElseThrow();
            assertThat(store.get(winner)).isEqualTo(results.get(0) == winner ? one : two);
        }
    }

    @Test
    void writersOfTheSameContentAllGetTheReference() throws Exception {
        for (int round = 0; round < 20; round++) {
            String key = "same/" + round + "/x";
            byte[] content = random(5_000, round);
            Callable<ArtifactRef> put = () -> store.put(key, content, BYTES);

            List<Object> results = race(List.of(put, put, put, put));

            assertThat(results).containsOnly(new ArtifactRef(key, Digests.sha256(content), 5_000));
        }
    }

    @Test
    void aFileOfFortyMebibytesGoesInPartsAndOnlyOnce() throws Exception {
        byte[] content = random(40 << 20, 7);
        Path file = Files.write(folder.resolve("large"), content);

        ArtifactRef ref = store.put("audits/large/x", file, BYTES);

        assertThat(ref.sha256()).isEqualTo(Digests.sha256(content));
        assertThat(Arrays.equals(store.get(ref), content)).isTrue();
        assertThat(store.stat("audits/large/x")).contains(ref);
        assertThat(store.put("audits/large/x", file, BYTES)).isEqualTo(ref);
        content[content.length - 1] ^= 1;
        Path other = Files.write(folder.resolve("other"), content);
        assertCode(() -> store.put("audits/large/x", other, BYTES), ErrorCode.CONFLICT, "audits/large/x");
        assertThat(store.list("audits/large/")).containsExactly("audits/large/x");
    }

    @Test
    void racesInPartsHaveOneWinnerToo() throws Exception {
        Path one = Files.write(folder.resolve("one"), random(17 << 20, 1));
        Path two = Files.write(folder.resolve("two"), random(17 << 20, 2));
        for (int round = 0; round < 5; round++) {
            String key = "races-in-parts/" + round + "/x";

            List<Object> results = race(List.of(() -> store.put(key, one, BYTES), () -> store.put(key, two, BYTES)));

            assertThat(results).as(key).filteredOn(r -> r == ErrorCode.CONFLICT).hasSize(1);
            assertThat(results).contains(store.stat(key).orElseThrow());
        }
    }

    @Test
    void damageInTheStoreIsNoticedWhenItIsRead() throws Exception {
        ArtifactRef ref = store.put("audits/damaged/x", utf8("content"), BYTES);
        Files.write(data.resolve("artifacts/audits/damaged/x"), utf8("kontent"));

        assertCode(() -> store.get(ref), ErrorCode.DIGEST_MISMATCH, "audits/damaged/x");
        assertCode(() -> store.fetch(ref, folder), ErrorCode.DIGEST_MISMATCH, "audits/damaged/x");
        try (InputStream in = store.open(ref)) {
            assertThat(in.readNBytes(7)).isEqualTo(utf8("kontent"));
            assertCode(in::read, ErrorCode.DIGEST_MISMATCH, "has the digest");
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
        ArtifactRef longer = new ArtifactRef(ref.key(), ref.sha256(), 8);
        assertCode(() -> store.get(longer), ErrorCode.DIGEST_MISMATCH, "has 7 bytes");
        ArtifactRef shorter = new ArtifactRef(ref.key(), ref.sha256(), 6);
        assertCode(() -> store.get(shorter), ErrorCode.DIGEST_MISMATCH, "has more");
    }

    @Test
    void fetchedFilesAreCachedByDigest() throws Exception {
        ArtifactRef ref = store.put("audits/cached/x", utf8("cached"), BYTES);

        Path file = store.fetch(ref, folder.resolve("cache"));
        Files.delete(data.resolve("artifacts/audits/cached/x"));

        assertThat(file).hasContent("cached").hasFileName(ref.sha256());
        assertThat(store.fetch(ref, folder.resolve("cache"))).isEqualTo(file);
    }

    @Test
    void aCachedFileThatIsTooShortIsFetchedAgain() throws Exception {
        ArtifactRef ref = store.put("audits/torn/x", utf8("whole"), BYTES);
        Files.write(folder.resolve(ref.sha256()), utf8("wh"));

        assertThat(store.fetch(ref, folder)).hasContent("whole");
    }

    @Test
    void whatIsMissingIsNotFound() {
        ArtifactRef ref = new ArtifactRef("audits/missing/x", Digests.sha256(new byte[0]), 0);

        assertCode(() -> store.get(ref), ErrorCode.NOT_FOUND, "audits/missing/x");
        assertCode(() -> store.fetch(ref, folder), ErrorCode.NOT_FOUND, "audits/missing/x");
    }

    @Test
    void keysAreListedByPrefix() {
        store.put("lists/a/2", new byte[1], BYTES);
        store.put("lists/a/1", new byte[1], BYTES);
        store.put("lists/b/1", new byte[1], BYTES);

        assertThat(store.list("lists/a/")).containsExactly("lists/a/1", "lists/a/2");
        assertThat(store.list("lists/")).hasSize(3);
        assertThat(store.list("lists/c/")).isEmpty();
    }

    @Test
    void badKeysNeverReachTheStore() {
        assertCode(() -> store.put("audits/../x", new byte[1], BYTES), ErrorCode.BAD_MESSAGE, "key");
    }

    @Test
    void aStoreThatIsAwayIsRetryableAndNamed() {
        String endpoint = "http://127.0.0.1:" + FreePorts.take(1).get(0);
        try (ArtifactStore away = ArtifactStore.connect(StoreSettings.of(endpoint, "a", "b", "artifacts"))) {
            assertThat(away.ready()).isFalse();
            assertCode(() -> away.put("a/b", new byte[1], BYTES), ErrorCode.STORE_UNAVAILABLE, endpoint);
            assertCode(() -> away.stat("a/b"), ErrorCode.STORE_UNAVAILABLE, endpoint);
            assertCode(away::ensureBucket, ErrorCode.STORE_UNAVAILABLE, endpoint);
        }
        assertThat(ErrorCode.STORE_UNAVAILABLE.retryable()).isTrue();
    }

    @Test
    void wrongCredentialsAreSaidSoWithoutPrintingThem() {
        try (ArtifactStore stranger = ArtifactStore.connect(settings("wrong-secret"))) {
            assertThat(stranger.ready()).isFalse();
            assertThatThrownBy(() -> stranger.put("a/b", new byte[1], BYTES))
                    .hasMessageContaining("Check access key, secret key")
                    .hasMessageNotContaining("wrong-secret")
                    .extracting(e -> ((PalimpsestException) e).code())
                    .isEqualTo(ErrorCode.USAGE);
        }
        assertThat(settings("wrong-secret").toString()).doesNotContain("wrong-secret");
    }

    @Test
    void aMissingBucketIsNamed() {
        StoreSettings other = StoreSettings.of(server.endpoint(), "someone", "something", "elsewhere");
        try (ArtifactStore elsewhere = ArtifactStore.connect(other)) {
            assertThat(elsewhere.ready()).isFalse();
            assertCode(() -> elsewhere.put("a/b", new byte[1], BYTES), ErrorCode.NOT_FOUND, "'elsewhere'");
            assertThat(store.ready()).isTrue();
        }
    }

    @Test
    void objectsAreThereAfterARestart() {
        Path own = folder.resolve("own");
        ArtifactRef ref;
        int port;
        try (EmbeddedStore before = EmbeddedStore.start(own, 0, "a", "b");
                ArtifactStore client = ArtifactStore.connect(StoreSettings.of(before.endpoint(), "a", "b", "bkt"))) {
            port = before.port();
            client.ensureBucket();
            ref = client.put("a/b", utf8("kept"), BYTES);
        }
        try (EmbeddedStore after = EmbeddedStore.start(own, port, "a", "b");
                ArtifactStore client = ArtifactStore.connect(StoreSettings.of(after.endpoint(), "a", "b", "bkt"))) {
            assertThat(client.get(ref)).isEqualTo(utf8("kept"));
            assertThat(client.stat("a/b")).contains(ref);
        }
    }

    @Test
    void tensorsAreOneObjectAndEqualOnesOneReference() throws Exception {
        TensorArtifacts tensors = new TensorArtifacts(store);
        Map<String, Tensor> values =
                Map.of("a", Tensor.ofFloats(new float[] {1, 2}, 2, 1), "b", Tensor.ofLongs(new long[] {3}));

        ArtifactRef ref = tensors.put("audits/tensors/x.safetensors", values, Map.of("seed", "1"));

        assertThat(tensors.put("audits/tensors/x.safetensors", values, Map.of("seed", "1")))
                .isEqualTo(ref);
        Safetensors read = tensors.get(ref);
        assertThat(read.tensor("a").toFloats()).containsExactly(1, 2);
        assertThat(read.tensor("b").toLongs()).containsExactly(3);
        assertThat(read.metadata()).isEqualTo(Map.of("seed", "1"));

        byte[] damaged = store.get(ref);
        damaged[20] ^= 1;
        Files.write(data.resolve("artifacts/audits/tensors/x.safetensors"), damaged);
        assertCode(() -> tensors.get(ref), ErrorCode.DIGEST_MISMATCH, "audits/tensors/x.safetensors");
    }
}
