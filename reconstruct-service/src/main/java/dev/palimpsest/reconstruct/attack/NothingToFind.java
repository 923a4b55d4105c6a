package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.artifacts.safetensors.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Stands for {@link FastPreset} where a head holds no single members, or the {@link Diagnosis} says so: no work and no candidates. */
final class NothingToFind implements Preset {
    private final int d;
    private final String note;

    /** @param note what to tell whoever expected something */
    NothingToFind(int d, String note) {
        this.d = d;
        this.note = note;
    }

    @Override
    public Candidates differences() {
        return Candidates.none(d);
    }

    @Override
    public List<Attack.Phase> phases() {
        return List.of();
    }

    @Override
    public Attack.Found run(
            int phase,
            int unit,
            List<Map<String, Tensor>> inputs,
            @Nullable Map<String, Tensor> before,
            BooleanSupplier stop,
            Progress progress) {
        throw new IllegalStateException("There are no phases");
    }

    @Override
    public Attack.Outcome finish(List<Map<String, Tensor>> found, Progress progress) {
        return new Attack.Outcome(Candidates.none(d), 0, 0, "Nothing was searched for.");
    }

    @Override
    public List<String> notes() {
        return List.of(note);
    }
}
