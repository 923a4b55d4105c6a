package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.artifacts.safetensors.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One way to attack, behind {@link Attack}, whose methods of the same names say what these do. */
sealed interface Preset permits FastPreset, PaperPreset, NothingToFind {
    Candidates differences();

    List<Attack.Phase> phases();

    Attack.Found run(
            int phase,
            int unit,
            List<Map<String, Tensor>> inputs,
            @Nullable Map<String, Tensor> before,
            BooleanSupplier stop,
            Progress progress);

    Attack.Outcome finish(List<Map<String, Tensor>> found, Progress progress);

    List<String> notes();

    /** Members times weight decay, where it had to be estimated. */
    default @Nullable Estimate decay() {
        return null;
    }
}
