package dev.palimpsest.artifacts.safetensors;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Checkpoints in the layout of the Hugging Face hub: one file, or an index and shards beside it. */
final class Checkpoint {
    static final int MAX_INDEX_BYTES = 8 << 20;
    static final int MAX_SHARDS = 512;

    // No separators, so that an index can name nothing but its neighbours.
    private static final Pattern SHARD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}\\.safetensors");

    private static final List<String> PICKLES = List.of("pytorch_model.bin", "pytorch_model.bin.index.json");

    private Checkpoint() {}

    static Safetensors open(Path folder, String stem) {
        Path single = folder.resolve(stem + ".safetensors");
        if (Files.exists(single)) {
            return Safetensors.open(single);
        }
        Path index = folder.resolve(stem + ".safetensors.index.json");
        if (Files.exists(index)) {
            return openSharded(folder, index);
        }
        throw missing(folder, stem);
    }

    /** Many models are published in PyTorch's format too, some in it only. */
    private static PalimpsestException missing(Path folder, String stem) {
        for (String name : PICKLES) {
            if (Files.exists(folder.resolve(name))) {
                return new PalimpsestException(
                        ErrorCode.NOT_FOUND,
                        ("%s has its weights in %s only, a format that can run code when it is read; only safetensors are read."
                                        + " Download model.safetensors of the model, or convert where you trust the file: python -c \"from transformers"
                                        + " import AutoModel; AutoModel.from_pretrained('%s').save_pretrained('%s')\"")
                                .formatted(folder, name, folder, folder));
            }
        }
        return new PalimpsestException(
                ErrorCode.NOT_FOUND,
                "The folder %s has neither %s.safetensors nor %2$s.safetensors.index.json; download the model's safetensors into it, no .bin file."
                        .formatted(folder, stem));
    }

    private static Safetensors openSharded(Path folder, Path index) {
        Map<String, String> weights = HeaderParser.weightMap(bounded(index), index.toString());
        Map<String, TensorSource> shards = new LinkedHashMap<>();
        try {
            Map<String, TensorSource> tensors = new LinkedHashMap<>();
            weights.forEach((name, file) -> {
                TensorSource shard = shards.computeIfAbsent(file, f -> shard(folder, index, f, shards.size()));
                if (!shard.header().tensors().containsKey(name)) {
                    throw Header.bad(
                            index.toString(),
                            "it says that tensor %s is in %s, which does not have it"
                                    .formatted(Names.quote(name), file));
                }
                tensors.put(name, shard);
            });
            return Safetensors.sharded(folder.toString(), tensors, List.copyOf(shards.values()));
        } catch (RuntimeException e) {
            shards.values().forEach(TensorSource::close);
            throw e;
        }
    }

    private static TensorSource shard(Path folder, Path index, String file, int already) {
        if (!SHARD.matcher(file).matches() || file.contains("..")) {
            throw Header.bad(
                    index.toString(),
                    "its weight_map names the file " + Names.quote(file)
                            + "; only plain names of .safetensors files in the same folder are accepted");
        }
        if (already == MAX_SHARDS) {
            throw Header.bad(index.toString(), "it has more than " + MAX_SHARDS + " shards");
        }
        Path path = folder.resolve(file);
        if (!Files.exists(path)) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND,
                    "%s names the file %s, which is not there; download it into the same folder"
                            .formatted(index, file));
        }
        return TensorSource.Mapped.open(path);
    }

    private static byte[] bounded(Path index) {
        try (InputStream in = Files.newInputStream(index)) {
            byte[] bytes = in.readNBytes(MAX_INDEX_BYTES + 1);
            if (bytes.length > MAX_INDEX_BYTES) {
                throw Header.bad(index.toString(), "the index is larger than " + MAX_INDEX_BYTES + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.BAD_FILE, "%s cannot be read: %s".formatted(index, e), e);
        }
    }
}
