package dev.palimpsest.embed;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.EmbeddedData;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Datasets that were embedded before, for audits of the same samples through the same backbone, such as the cells of a study. An object
 * that was made on another kind of processor is taken too: its rows may differ in their last digits from those that would be made here.
 */
final class EmbeddedDatasets {
    private static final String LEFT = "left_out";

    private final ArtifactStore store;

    EmbeddedDatasets(ArtifactStore store) {
        this.store = store;
    }

    /**
     * What an earlier audit stored.
     *
     * @throws PalimpsestException BAD_FILE when it is damaged
     */
    Optional<ImageUnits.Embedded> find(AuditRequest request) {
        String key = EmbeddedData.key(request);
        return store.stat(key).map(ref -> {
            Safetensors file = new TensorArtifacts(store).get(ref);
            try {
                String left = file.document(LEFT);
                return new ImageUnits.Embedded(
                        ImageUnits.rowsOf(file),
                        left == null ? List.of() : List.of(Json.mapper().readValue(left, ImageUnits.Left[].class)));
            } catch (JsonProcessingException e) {
                throw new PalimpsestException(ErrorCode.BAD_FILE, key + " is damaged: " + e.getMessage(), e);
            }
        });
    }

    /** Keeps what was embedded for others, unless its audit was erased meanwhile. */
    void keep(AuditRequest request, String requestKey, ImageUnits.Embedded embedded) {
        if (embedded.rows().isEmpty() || store.stat(requestKey).isEmpty()) {
            return;
        }
        Map<String, Tensor> tensors = new TreeMap<>(ImageUnits.tensors(embedded.rows()));
        try {
            tensors.put(LEFT, Tensor.ofBytes(Json.mapper().writeValueAsBytes(embedded.left())));
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot encode what was left out", e);
        }
        try {
            new TensorArtifacts(store).put(EmbeddedData.key(request), tensors, Map.of());
        } catch (PalimpsestException e) {
            // Another machine was first, and differs in last digits: this audit goes on with its own, those that come
            // with the other's.
            if (e.code() != ErrorCode.CONFLICT) {
                throw e;
            }
        }
    }
}
