package dev.palimpsest.artifacts.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.NoSpace;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Writes tensors so that equal content gives equal bytes, whatever the order of the given maps: widest elements first
 * and then by name, as the reference implementation does, so that every tensor is aligned to its element. The header is
 * padded with spaces to a multiple of eight bytes.
 */
public final class SafetensorsWriter {
    private static final JsonFactory JSON = new JsonFactory();

    private SafetensorsWriter() {}

    /** Atomic: the file is there completely or not at all; an existing one is replaced. */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        Path target = file.toAbsolutePath();
        Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                write(channel, tensors, metadata);
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw notWritten(file.toString(), e);
        } finally {
            discard(temporary);
        }
    }

    /** Leaves the stream open. */
    public static void write(OutputStream out, Map<String, Tensor> tensors, Map<String, String> metadata) {
        try {
            write(Channels.newChannel(out), tensors, metadata);
            out.flush();
        } catch (IOException e) {
            throw notWritten("the stream", e);
        }
    }

    private static void write(WritableByteChannel out, Map<String, Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        List<Map.Entry<String, Tensor>> ordered = new ArrayList<>(tensors.entrySet());
        ordered.sort(Comparator.comparingInt(
                        (Map.Entry<String, Tensor> e) -> -e.getValue().dtype().bytes())
                .thenComparing(Map.Entry::getKey));
        writeFully(out, header(ordered, metadata));
        for (Map.Entry<String, Tensor> entry : ordered) {
            for (ByteBuffer segment : entry.getValue().segments()) {
                writeFully(out, segment);
            }
        }
    }

    private static ByteBuffer header(List<Map.Entry<String, Tensor>> tensors, Map<String, String> metadata)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(HeaderParser.METADATA);
                for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long begin = 0;
            for (Map.Entry<String, Tensor> entry : tensors) {
                long end = begin + entry.getValue().byteLength();
                writeTensor(json, entry.getKey(), entry.getValue(), begin, end);
                begin = end;
            }
            json.writeEndObject();
        }
        while (bytes.size() % 8 != 0) {
            bytes.write(' ');
        }
        if (bytes.size() > Header.MAX_BYTES) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "The header of %d tensors would have %d bytes; at most %d can be read. Write several files."
                            .formatted(tensors.size(), bytes.size(), Header.MAX_BYTES));
        }
        return ByteBuffer.allocate(8 + bytes.size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(bytes.size())
                .put(bytes.toByteArray())
                .flip();
    }

    private static void writeTensor(JsonGenerator json, String name, Tensor tensor, long begin, long end)
            throws IOException {
        if (name.isEmpty()
                || name.equals(HeaderParser.METADATA)
                || !StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw new PalimpsestException(ErrorCode.USAGE, "A tensor cannot be named " + Names.quote(name) + ".");
        }
        json.writeObjectFieldStart(name);
        json.writeStringField("dtype", tensor.dtype().name());
        json.writeFieldName("shape");
        json.writeArray(tensor.shape(), 0, tensor.shape().length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {begin, end}, 0, 2);
        json.writeEndObject();
    }

    private static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private static void discard(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            throw notWritten(temporary.toString(), e);
        }
    }

    private static PalimpsestException notWritten(String what, IOException e) {
        ErrorCode code = NoSpace.isIn(e) ? ErrorCode.NO_SPACE : ErrorCode.BAD_FILE;
        return new PalimpsestException(
                code,
                "%s cannot be written: %s. Check the folder, its rights and its free space.".formatted(what, e),
                e);
    }
}
