package dev.palimpsest.artifacts.safetensors;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where the data behind a checked header is: a file that is mapped piece by piece, or memory. */
sealed interface TensorSource {
    Header header();

    Tensor tensor(String name, TensorInfo info);

    /** Says that all of it will be wanted soon. */
    void readAhead();

    void close();

    /** A file; only what is asked for is mapped, so its size costs nothing. */
    final class Mapped implements TensorSource {
        private static final int READ_AHEAD = 4 << 20;

        private final FileChannel channel;
        private final String origin;
        private final Header header;
        private final long dataStart;

        private Mapped(FileChannel channel, String origin) throws IOException {
            this.channel = channel;
            this.origin = origin;
            long size = channel.size();
            int length = Header.length(read(0, (int) Math.min(16, size)), origin);
            this.dataStart = 8L + length;
            if (dataStart > size) {
                throw Header.bad(origin, "its header claims %d bytes, the file has %d".formatted(length, size));
            }
            this.header = HeaderParser.header(read(8, length), origin);
            if (header.dataLength() != size - dataStart) {
                throw Header.bad(
                        origin,
                        "its tensors take %d bytes, but %d follow the header"
                                .formatted(header.dataLength(), size - dataStart));
            }
        }

        static Mapped open(Path file) {
            String origin = file.toString();
            try {
                if (Files.isDirectory(file)) {
                    throw Header.bad(origin, "it is a folder");
                }
                FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                try {
                    return new Mapped(channel, origin);
                } catch (IOException | RuntimeException e) {
                    channel.close();
                    throw e;
                }
            } catch (NoSuchFileException e) {
                throw new PalimpsestException(ErrorCode.NOT_FOUND, "There is no file " + origin + ".", e);
            } catch (IOException e) {
                throw unreadable(origin, e);
            }
        }

        private byte[] read(long position, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(length);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, position + buffer.position()) < 0) {
                    throw new EOFException("the file became shorter while it was read");
                }
            }
            return buffer.array();
        }

        @Override
        public Header header() {
            return header;
        }

        @Override
        public Tensor tensor(String name, TensorInfo info) {
            List<ByteBuffer> segments = new ArrayList<>();
            try {
                for (long at = 0; at < info.bytes(); at += Segments.SIZE) {
                    long length = Math.min(Segments.SIZE, info.bytes() - at);
                    segments.add(channel.map(FileChannel.MapMode.READ_ONLY, dataStart + info.begin() + at, length));
                }
            } catch (IOException e) {
                throw unreadable(origin, e);
            }
            return new Tensor(info.dtype(), info.dimensions(), Segments.of(segments));
        }

        /** Faults on mapped pages read a disk at half its speed; reading in order beside them has the pages there first. */
        @Override
        public void readAhead() {
            Thread thread = new Thread(this::readToTheEnd, "read-ahead");
            thread.setDaemon(true);
            thread.start();
        }

        private void readToTheEnd() {
            ByteBuffer buffer = ByteBuffer.allocateDirect(READ_AHEAD);
            try {
                for (long at = 0; channel.read(buffer, at) >= 0; at += READ_AHEAD) {
                    buffer.clear();
                }
            } catch (IOException e) {
                // Closed, or a disk that fails: whoever reads the tensor itself is told.
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw unreadable(origin, e);
            }
        }
    }

    /** A stream that was read to its end; memory is taken as bytes arrive, never because a header claims them. */
    final class InMemory implements TensorSource {
        private final Header header;
        private final Map<String, Segments> data = new HashMap<>();

        InMemory(InputStream in, String origin) {
            try {
                PushbackInputStream rest = new PushbackInputStream(in, 16);
                byte[] first = rest.readNBytes(16);
                int length = Header.length(first, origin);
                rest.unread(first, 8, first.length - 8);
                byte[] json = rest.readNBytes(length);
                if (json.length < length) {
                    throw Header.bad(origin, "it ends within its header of %d bytes".formatted(length));
                }
                this.header = HeaderParser.header(json, origin);
                for (Map.Entry<String, TensorInfo> entry : header.tensors().entrySet()) {
                    data.put(entry.getKey(), segments(rest, entry.getKey(), entry.getValue(), origin));
                }
                if (rest.read() >= 0) {
                    throw Header.bad(origin, "bytes follow the last tensor");
                }
            } catch (IOException e) {
                throw unreadable(origin, e);
            }
        }

        private static Segments segments(InputStream in, String name, TensorInfo info, String origin)
                throws IOException {
            List<ByteBuffer> segments = new ArrayList<>();
            for (long at = 0; at < info.bytes(); at += Segments.SIZE) {
                int wanted = (int) Math.min(Segments.SIZE, info.bytes() - at);
                byte[] bytes = in.readNBytes(wanted);
                if (bytes.length < wanted) {
                    throw Header.bad(origin, "it ends within tensor " + Names.quote(name));
                }
                segments.add(ByteBuffer.wrap(bytes));
            }
            return Segments.of(segments);
        }

        @Override
        public Header header() {
            return header;
        }

        @Override
        public Tensor tensor(String name, TensorInfo info) {
            Segments segments = data.get(name);
            if (segments == null) {
                throw new IllegalStateException("no data for " + name);
            }
            return new Tensor(info.dtype(), info.dimensions(), segments);
        }

        @Override
        public void readAhead() {}

        @Override
        public void close() {
            data.clear();
        }
    }

    private static PalimpsestException unreadable(String origin, IOException e) {
        return new PalimpsestException(ErrorCode.BAD_FILE, "%s cannot be read: %s".formatted(origin, e), e);
    }
}
