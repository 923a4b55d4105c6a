package dev.palimpsest.embed;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What only the owner knows: raw embeddings of members {@code [n, d]} and controls {@code [m, d]}, their labels, and the images that they
 * come from. One safetensors object below {@code knowledge/}; file names, image references and what was left out lie in it as JSON, a
 * tensor of bytes each.
 */
record Knowledge(
        int width,
        float[] members,
        float[] controls,
        int[] memberLabels,
        int[] controlLabels,
        List<AuditRequest.Image> memberImages,
        List<AuditRequest.Image> controlImages,
        List<ImageUnits.Left> left) {
    static final String NAME = "embeddings.safetensors";

    /** One embedded image. */
    record Sample(AuditRequest.Image image, int label, float[] embedding) {}

    static Knowledge of(List<Sample> samples, List<ImageUnits.Left> left) {
        List<Sample> members =
                samples.stream().filter(s -> s.image().part().equals("member")).toList();
        List<Sample> controls =
                samples.stream().filter(s -> !s.image().part().equals("member")).toList();
        if (members.isEmpty()) {
            String why = left.isEmpty() ? "" : ". The first: " + left.get(0).reason();
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA,
                    "None of the samples to train on can be used; are they what the backbone takes?" + why);
        }
        return new Knowledge(
                members.get(0).embedding().length,
                rows(members),
                rows(controls),
                labels(members),
                labels(controls),
                members.stream().map(Sample::image).toList(),
                controls.stream().map(Sample::image).toList(),
                left);
    }

    /**
     * Of a released head, without images.
     *
     * @param members {@code [n, width]}
     * @param controls {@code [m, width]}, or null: then members can be counted, but not what chance reaches
     */
    static Knowledge released(Tensor members, @Nullable Tensor controls, int width) {
        requireRows(members, "members", width);
        if (controls != null) {
            requireRows(controls, "controls", width);
        }
        float[] outside = controls == null ? new float[0] : controls.toFloats();
        return new Knowledge(
                width,
                members.toFloats(),
                outside,
                new int[Math.toIntExact(members.shape()[0])],
                new int[outside.length / width],
                List.of(),
                List.of(),
                List.of());
    }

    private static void requireRows(Tensor tensor, String what, int width) {
        long[] shape = tensor.shape();
        if (shape.length != 2 || shape[0] < 1 || shape[1] != width) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    what + ": 'embeddings' has shape " + Arrays.toString(shape) + ", expected [n, " + width
                            + "], as wide as the head's input and with at least one row");
        }
    }

    /** Each class has at least two members left after unreadable images were skipped. */
    void requireTrainable(List<String> classes) {
        int[] count = new int[classes.size()];
        for (int label : memberLabels) {
            count[label]++;
        }
        List<String> problems = new ArrayList<>();
        for (int k = 0; k < count.length; k++) {
            if (count[k] < 2) {
                problems.add("class '" + classes.get(k) + "' has " + count[k] + " usable sample(s) to train on");
            }
        }
        if (!problems.isEmpty()) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA, String.join("; ", problems) + "; at least two a class are needed");
        }
    }

    void save(ArtifactStore store, AuditId audit) {
        Map<String, Tensor> tensors = new TreeMap<>();
        tensors.put("members", Tensor.ofFloats(members, memberLabels.length, width));
        tensors.put("member_labels", Tensor.ofLongs(widen(memberLabels), memberLabels.length));
        if (controlLabels.length > 0) {
            tensors.put("controls", Tensor.ofFloats(controls, controlLabels.length, width));
            tensors.put("control_labels", Tensor.ofLongs(widen(controlLabels), controlLabels.length));
        }
        try {
            tensors.put("member_images", Tensor.ofBytes(Json.mapper().writeValueAsBytes(memberImages)));
            tensors.put("control_images", Tensor.ofBytes(Json.mapper().writeValueAsBytes(controlImages)));
            tensors.put("left_out", Tensor.ofBytes(Json.mapper().writeValueAsBytes(left)));
            new TensorArtifacts(store).put(Keys.knowledge(audit, NAME), tensors, Map.of());
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot encode the knowledge of " + audit, e);
        }
    }

    static Knowledge load(ArtifactStore store, AuditId audit) {
        String key = Keys.knowledge(audit, NAME);
        ArtifactRef ref = store.stat(key)
                .orElseThrow(() -> new PalimpsestException(ErrorCode.NOT_FOUND, "There is no object " + key));
        Safetensors file = new TensorArtifacts(store).get(ref);
        Tensor members = file.tensor("members");
        boolean controls = file.contains("controls");
        try {
            return new Knowledge(
                    Math.toIntExact(members.shape()[1]),
                    members.toFloats(),
                    controls ? file.tensor("controls").toFloats() : new float[0],
                    file.tensor("member_labels").toInts(),
                    controls ? file.tensor("control_labels").toInts() : new int[0],
                    list(file, "member_images", AuditRequest.Image[].class),
                    list(file, "control_images", AuditRequest.Image[].class),
                    list(file, "left_out", ImageUnits.Left[].class));
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.BAD_FILE, key + " is damaged: " + e.getMessage(), e);
        }
    }

    private static <T> List<T> list(Safetensors file, String name, Class<T[]> type) throws JsonProcessingException {
        String json = file.document(name);
        return json == null ? List.of() : List.of(Json.mapper().readValue(json, type));
    }

    private static float[] rows(List<Sample> samples) {
        if (samples.isEmpty()) {
            return new float[0];
        }
        int d = samples.get(0).embedding().length;
        float[] rows = new float[samples.size() * d];
        for (int i = 0; i < samples.size(); i++) {
            System.arraycopy(samples.get(i).embedding(), 0, rows, i * d, d);
        }
        return rows;
    }

    private static int[] labels(List<Sample> samples) {
        return samples.stream().mapToInt(Sample::label).toArray();
    }

    private static long[] widen(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }
}
