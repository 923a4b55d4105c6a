package dev.palimpsest.select.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Points and scikit-learn's labels by distance threshold, from a folder of the parity fixtures. */
record ClusteringFixture(int n, int d, float[] points, Map<String, long[]> labels) {
    static ClusteringFixture read(Path folder) throws IOException {
        File points = File.of(folder.resolve("points.safetensors"));
        JsonNode shape = points.header.get("points").get("shape");
        ByteBuffer data = points.tensor("points");
        float[] x = new float[data.remaining() / Float.BYTES];
        data.asFloatBuffer().get(x);
        Map<String, long[]> labels = new TreeMap<>();
        File answers = File.of(folder.resolve("labels.safetensors"));
        answers.header.fieldNames().forEachRemaining(name -> {
            if (name.startsWith("t_")) {
                ByteBuffer ints = answers.tensor(name);
                long[] values = new long[ints.remaining() / Integer.BYTES];
                for (int i = 0; i < values.length; i++) {
                    values[i] = ints.getInt();
                }
                labels.put(name.substring(2), values);
            }
        });
        return new ClusteringFixture(shape.get(0).asInt(), shape.get(1).asInt(), x, labels);
    }

    /** Just enough of the format for trusted fixtures; the product's reader lives in lib/artifacts and is tested there. */
    private record File(JsonNode header, ByteBuffer data) {
        static File of(Path path) throws IOException {
            ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
            int length = Math.toIntExact(all.getLong());
            String header = new String(all.array(), Long.BYTES, length, StandardCharsets.UTF_8);
            ByteBuffer data = all.slice(Long.BYTES + length, all.capacity() - Long.BYTES - length);
            return new File(new ObjectMapper().readTree(header), data);
        }

        ByteBuffer tensor(String name) {
            JsonNode at = header.get(name).get("data_offsets");
            int start = at.get(0).asInt();
            return data.slice(start, at.get(1).asInt() - start).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
