package dev.palimpsest.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.TextBackbone;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * all-MiniLM-L6-v2 (Reimers and Gurevych, 2019; Wang et al., 2020): a text becomes at most {@value #LONGEST} word pieces, six transformer
 * layers give each piece 384 numbers, and the embedding is their mean over the text's own pieces, scaled to length 1. Used from one thread.
 */
public final class MiniLm implements AutoCloseable {
    /** The width of an embedding. */
    public static final int DIMENSION = 384;
    /** Word pieces that are looked at, with the two marks around them; the published model's own limit. The rest of a text counts for nothing. */
    public static final int LONGEST = 256;

    private static final String WEIGHTS = "/all-minilm-l6-v2.onnx";
    private static final String TOKENIZER = "/all-minilm-l6-v2-tokenizer.json";

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final HuggingFaceTokenizer tokenizer;

    private MiniLm(OrtEnvironment environment, OrtSession session, HuggingFaceTokenizer tokenizer) {
        this.environment = environment;
        this.session = session;
        this.tokenizer = tokenizer;
    }

    /** @param threads that one batch may use, at least 1 */
    public static MiniLm open(int threads) {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(resource(TOKENIZER)),
                    Map.of("padding", "true", "truncation", "true", "maxLength", String.valueOf(LONGEST)));
            return new MiniLm(environment, environment.createSession(resource(WEIGHTS), options), tokenizer);
        } catch (OrtException | IOException e) {
            throw new PalimpsestException(
                    ErrorCode.INTERNAL,
                    "The text backbone " + TextBackbone.NAME + " cannot be loaded: " + e.getMessage(),
                    e);
        }
    }

    /**
     * What stands for the backbone's folder in an audit: a config.json that names the family and the digests of the weights and the
     * vocabulary.
     */
    public static byte[] config() {
        Map<String, Object> config = new TreeMap<>();
        config.put("model_type", TextBackbone.NAME);
        config.put("hidden_size", DIMENSION);
        config.put("weights_sha256", Digests.sha256(resource(WEIGHTS)));
        config.put("tokenizer_sha256", Digests.sha256(resource(TOKENIZER)));
        try {
            return Json.mapper().writeValueAsBytes(config);
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot write the text backbone's config.json", e);
        }
    }

    /**
     * Embeds a batch.
     *
     * @param texts at least one
     * @return {@code [texts, 384]} row-major, each row of length 1
     */
    public float[] embed(List<String> texts) {
        Encoding[] encodings = tokenizer.batchEncode(texts);
        int n = encodings.length;
        long[][] ids = new long[n][];
        long[][] mask = new long[n][];
        long[][] types = new long[n][];
        for (int i = 0; i < n; i++) {
            ids[i] = encodings[i].getIds();
            mask[i] = encodings[i].getAttentionMask();
            types[i] = encodings[i].getTypeIds();
        }
        try (OnnxTensor idTensor = OnnxTensor.createTensor(environment, ids);
                OnnxTensor maskTensor = OnnxTensor.createTensor(environment, mask);
                OnnxTensor typeTensor = OnnxTensor.createTensor(environment, types);
                OrtSession.Result result = session.run(
                        Map.of("input_ids", idTensor, "attention_mask", maskTensor, "token_type_ids", typeTensor))) {
            return pooled(((OnnxTensor) result.get(0)).getFloatBuffer(), mask);
        } catch (OrtException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "The text backbone failed: " + e.getMessage(), e);
        }
    }

    /** Mean over the pieces that are the text's own, then length 1. */
    private static float[] pooled(FloatBuffer hidden, long[][] mask) {
        int pieces = mask[0].length;
        float[] rows = new float[mask.length * DIMENSION];
        for (int i = 0; i < mask.length; i++) {
            double[] sum = new double[DIMENSION];
            for (int t = 0; t < pieces; t++) {
                if (mask[i][t] != 0) {
                    int from = (i * pieces + t) * DIMENSION;
                    for (int j = 0; j < DIMENSION; j++) {
                        sum[j] += hidden.get(from + j);
                    }
                }
            }
            double squares = 0;
            for (double value : sum) {
                squares += value * value;
            }
            for (int j = 0; j < DIMENSION; j++) {
                rows[i * DIMENSION + j] = (float) (sum[j] / Math.sqrt(squares));
            }
        }
        return rows;
    }

    private static byte[] resource(String name) {
        try (InputStream in = MiniLm.class.getResourceAsStream(name)) {
            if (in != null) {
                return in.readAllBytes();
            }
            throw new PalimpsestException(ErrorCode.INTERNAL, "The build holds no " + name);
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot read " + name + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try (tokenizer) {
            session.close();
        } catch (OrtException e) {
            throw new PalimpsestException(
                    ErrorCode.INTERNAL, "The text backbone cannot be closed: " + e.getMessage(), e);
        }
    }
}
