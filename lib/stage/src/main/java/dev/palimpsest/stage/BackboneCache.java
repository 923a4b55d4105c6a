package dev.palimpsest.stage;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Makes a backbone's files a local folder again, named by what is in it, so that services on one machine share it. */
public final class BackboneCache {
    private BackboneCache() {}

    /**
     * @param files the folder's files by name
     * @return a folder in Hugging Face layout
     */
    public static Path folder(UnitContext context, Map<String, ArtifactRef> files) {
        Map<String, String> digests = new TreeMap<>();
        files.forEach((name, ref) -> digests.put(name, ref.sha256().substring(0, 16)));
        Path folder = context.cache()
                .resolve("backbones")
                .resolve(Integer.toHexString(digests.hashCode()) + "-"
                        + digests.getOrDefault("model.safetensors", "sharded"));
        try {
            Files.createDirectories(folder);
            for (Map.Entry<String, ArtifactRef> file : files.entrySet()) {
                Path path = folder.resolve(file.getKey()).normalize();
                if (!folder.equals(path.getParent())) {
                    throw new PalimpsestException(
                            ErrorCode.BAD_MESSAGE, "'" + file.getKey() + "' is not the name of a backbone's file");
                }
                if (!Files.exists(path)) {
                    link(
                            path,
                            context.store()
                                    .fetch(file.getValue(), context.cache().resolve("objects")));
                }
            }
            return folder;
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NO_SPACE, "Cannot write to the cache " + context.cache() + ": " + e.getMessage(), e);
        }
    }

    private static void link(Path path, Path content) throws IOException {
        try {
            Files.createSymbolicLink(path, content.toAbsolutePath());
        } catch (FileAlreadyExistsException e) {
            // Another worker was first; the content is the same, since the folder is named by it.
        }
    }
}
