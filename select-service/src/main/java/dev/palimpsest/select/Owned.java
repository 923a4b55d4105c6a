package dev.palimpsest.select;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Selection.Neighbour;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.select.cluster.Ranking;
import dev.palimpsest.select.cluster.Representative;
import dev.palimpsest.select.score.Calibration;
import dev.palimpsest.select.score.Matching;
import dev.palimpsest.select.score.RecoverableBound;
import dev.palimpsest.select.score.Score;
import dev.palimpsest.select.score.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the owner supplied, in the space that the head saw: members {@code [n, d]}, controls {@code [m, d]} and the images that they are
 * embeddings of. Used after everything has been chosen, to say what the choice is worth.
 */
record Owned(
        float[] members,
        float[] controls,
        List<AuditRequest.Image> memberImages,
        List<AuditRequest.Image> controlImages) {

    /** How representatives compare. */
    record Comparison(
            Selection.@Nullable Verdict verdict, List<Selection.Representative> ranking, List<String> notes) {}

    static Optional<Owned> load(ArtifactStore store, AuditId audit, @Nullable Normaliser normaliser, int width) {
        Optional<ArtifactRef> ref = store.stat(Keys.knowledge(audit, "embeddings.safetensors"));
        if (ref.isEmpty()) {
            return Optional.empty();
        }
        Safetensors file = new TensorArtifacts(store).get(ref.get());
        TypeReference<List<AuditRequest.Image>> images = new TypeReference<>() {};
        try {
            Map<String, String> metadata = file.metadata();
            return Optional.of(new Owned(
                    normalised(file, "members", normaliser, width),
                    file.contains("controls") ? normalised(file, "controls", normaliser, width) : new float[0],
                    Json.mapper().readValue(metadata.getOrDefault("member_images", "[]"), images),
                    Json.mapper().readValue(metadata.getOrDefault("control_images", "[]"), images)));
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.BAD_FILE, ref.get().key() + " is damaged: " + e.getMessage(), e);
        }
    }

    private static float[] normalised(Safetensors file, String name, @Nullable Normaliser normaliser, int width) {
        long[] shape = file.tensor(name).shape();
        if (shape.length != 2 || shape[1] != width) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    name + " has shape " + Arrays.toString(shape) + ", but the head takes embeddings of " + width);
        }
        float[] raw = file.tensor(name).toFloats();
        if (normaliser == null) {
            return raw;
        }
        double[] scores = normaliser.apply(raw);
        for (int i = 0; i < raw.length; i++) {
            raw[i] = (float) scores[i];
        }
        return raw;
    }

    Comparison compare(List<Representative> representatives, int d, double[] w) {
        int n = members.length / d;
        int c = controls.length / d;
        int k = representatives.size();
        float[] matrix = Ranking.matrix(representatives, d);
        double[] bounds = RecoverableBound.of(w, d, widen(members));
        Score score = Calibration.score(matrix, k, members, n, c == 0 ? null : controls, c, d, bounds);
        Verdict verdict = Verdict.of(score);
        List<Selection.Representative> ranking = new ArrayList<>();
        int[] member = nearest(matrix, k, members, n, d);
        int[] control = c == 0 ? new int[0] : nearest(matrix, k, controls, c, d);
        for (int i = 0; i < k; i++) {
            Representative representative = representatives.get(i);
            ranking.add(new Selection.Representative(
                    representative.candidates(),
                    representative.score(),
                    representative.label(),
                    neighbour(matrix, i, members, member[i], memberImages, d),
                    c == 0 ? null : neighbour(matrix, i, controls, control[i], controlImages, d)));
        }
        return new Comparison(verdict(score, verdict, bounds), ranking, List.of(verdict.sentence()));
    }

    private static Selection.@Nullable Verdict verdict(Score score, Verdict verdict, double[] bounds) {
        if (verdict.grade() == null || score.nullMatched() == null || score.controlCosines() == null) {
            return null;
        }
        return new Selection.Verdict(
                verdict.grade().name(),
                verdict.rule(),
                score.members(),
                score.controls(),
                score.matched(),
                score.recoverable() == null ? Map.of() : score.recoverable(),
                score.nullMatched(),
                orNaught(score.nullMax()),
                orNaught(score.tprAtFpr1()),
                orNaught(score.tprAtFpr5()),
                orNaught(score.auc()),
                score.memberCosines(),
                score.controlCosines(),
                Arrays.stream(bounds).boxed().toList());
    }

    private static double orNaught(@Nullable Double value) {
        return value == null ? 0 : value;
    }

    /** For each representative the row of {@code points} with the largest cosine. */
    private static int[] nearest(float[] matrix, int k, float[] points, int n, int d) {
        return Matching.match(points, n, matrix, k, d, "members or controls").nearest();
    }

    private static Neighbour neighbour(
            float[] matrix, int row, float[] points, int nearest, List<AuditRequest.Image> images, int d) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int j = 0; j < d; j++) {
            double a = matrix[row * d + j];
            double b = points[nearest * d + j];
            ab += a * b;
            aa += a * a;
            bb += b * b;
        }
        AuditRequest.@Nullable Image image = nearest < images.size() ? images.get(nearest) : null;
        return new Neighbour(
                image == null ? "#" + nearest : image.file(),
                ab / Math.sqrt(aa * bb),
                image == null ? null : image.ref());
    }

    private static double[] widen(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}
