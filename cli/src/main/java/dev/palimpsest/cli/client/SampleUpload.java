package dev.palimpsest.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.ImageManifest;
import dev.palimpsest.contracts.ImagePage;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.embed.data.Content;
import dev.palimpsest.embed.data.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Sends the samples of a study, a page of them at a time, and after each page the list of it. A page whose list is there already was sent
 * completely before: so an upload that was interrupted goes on where it was.
 */
final class SampleUpload {
    private static final int AT_ONCE = 4;

    private final GatewayClient client;
    private final Consumer<String> say;

    SampleUpload(GatewayClient client, Consumer<String> say) {
        this.client = client;
        this.say = say;
    }

    /** @throws PalimpsestException of the first sample that cannot be read or sent */
    ImageManifest send(List<Entry> entries) {
        say.accept("Sending " + entries.size() + " samples ...");
        List<ArtifactRef> pages = new ArrayList<>();
        ExecutorService senders = Executors.newFixedThreadPool(AT_ONCE);
        try {
            for (int from = 0; from < entries.size(); from += ImageManifest.IMAGES_A_PAGE) {
                int to = Math.min(from + ImageManifest.IMAGES_A_PAGE, entries.size());
                pages.add(page(entries.subList(from, to), senders));
                if (entries.size() > ImageManifest.IMAGES_A_PAGE) {
                    say.accept("Sent " + to + " of " + entries.size() + " samples.");
                }
            }
        } finally {
            senders.shutdownNow();
        }
        return new ImageManifest(
                entries.size(),
                ImageManifest.IMAGES_A_PAGE,
                entries.stream().map(Entry::label).distinct().toList(),
                pages);
    }

    private ArtifactRef page(List<Entry> entries, ExecutorService senders) {
        List<ArtifactRef> refs = all(
                senders,
                entries.stream()
                        .<Callable<ArtifactRef>>map(entry -> () -> reference(entry.content()))
                        .toList());
        List<AuditRequest.Image> images = new ArrayList<>();
        for (int i = 0; i < refs.size(); i++) {
            Entry entry = entries.get(i);
            images.add(new AuditRequest.Image(entry.file(), entry.label(), entry.part(), refs.get(i)));
        }
        byte[] page = json(new ImagePage(CloudEvent.SCHEMA_VERSION, images));
        ArtifactRef ref = GatewayClient.reference(Keys.Area.KNOWLEDGE, page);
        if (client.has(ref)) {
            return ref;
        }
        List<Callable<ArtifactRef>> uploads = new ArrayList<>();
        for (int i = 0; i < refs.size(); i++) {
            Content content = entries.get(i).content();
            ArtifactRef sample = refs.get(i);
            uploads.add(() -> content instanceof Content.Image image
                    ? client.upload(sample, image.path())
                    : client.upload(sample, content.bytes()));
        }
        all(senders, uploads);
        return client.upload(ref, page);
    }

    private static ArtifactRef reference(Content content) {
        return content instanceof Content.Image image
                ? GatewayClient.reference(Keys.Area.KNOWLEDGE, image.path())
                : GatewayClient.reference(Keys.Area.KNOWLEDGE, content.bytes());
    }

    private static <T> List<T> all(ExecutorService senders, List<Callable<T>> tasks) {
        List<Future<T>> futures = tasks.stream().map(senders::submit).toList();
        List<T> results = new ArrayList<>();
        try {
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            futures.forEach(future -> future.cancel(true));
            if (e.getCause() instanceof PalimpsestException cause) {
                throw cause;
            }
            throw new PalimpsestException(ErrorCode.INTERNAL, "Sending the samples failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted", e));
        }
    }

    private static byte[] json(ImagePage page) {
        try {
            return Json.mapper().writeValueAsBytes(page);
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot write a list of samples", e);
        }
    }
}
