package dev.palimpsest.embed.data;

import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.DataClass;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which samples of a dataset are wanted.
 *
 * @param classes in label order; empty: all that the dataset has
 * @param perClass at most so many members a class, spread evenly over its parts; 0: all
 * @param heldOutPerClass the same of held-out samples
 * @param seed draws them; null: the first ones
 */
public record Subset(
        List<DataClass> classes,
        int perClass,
        int heldOutPerClass,
        @Nullable Long seed) {
    /** Everything. */
    public static final Subset ALL = new Subset(List.of(), 0, 0, null);

    public Subset {
        classes = List.copyOf(classes);
    }

    public static Subset of(AuditSpec.TrainSpec train) {
        return new Subset(
                train.classes().stream().map(DataClass::of).toList(),
                train.perClass() == null ? 0 : train.perClass(),
                train.heldOutPerClass() == null ? 0 : train.heldOutPerClass(),
                train.subsetSeed());
    }
}
