package dev.palimpsest.cli.client;

import dev.palimpsest.cli.backbone.BackboneLibrary;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.DatasetName;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.TextBackbone;
import dev.palimpsest.contracts.spec.Problem;
import dev.palimpsest.contracts.spec.SpecLines;
import dev.palimpsest.models.Backbones;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether what a spec names is there, and pictures have a size that its backbone takes; without this an audit finds out in its last stage. */
public final class SpecFiles {
    private final Path base;
    private final SpecLines lines;
    private final List<Problem> problems = new ArrayList<>();

    private SpecFiles(Path base, SpecLines lines) {
        this.base = base;
        this.lines = lines;
    }

    /**
     * All that is wrong, in the order of the spec's keys.
     *
     * @param spec that {@code SpecReader} accepts
     * @param base what relative paths are relative to
     * @param text of the spec, for the numbers of its lines; empty when it is not known
     */
    public static List<Problem> problems(AuditSpec spec, Path base, String text) {
        SpecFiles files = new SpecFiles(base, SpecLines.of(text));
        files.backbone(spec);
        AuditSpec.TargetSpec target = spec.target();
        files.exists("target.head", target.head());
        files.exists("target.normaliser", target.normaliser());
        AuditSpec.TrainSpec train = target.train();
        if (train != null) {
            files.exists("target.train.dataset", DatasetName.of(train.dataset()).path());
            files.exists("target.train.split", train.split());
        }
        AuditSpec.KnowledgeSpec knowledge = spec.knowledge();
        if (knowledge != null) {
            files.exists("knowledge.members", knowledge.members());
            files.exists("knowledge.controls", knowledge.controls());
        }
        return List.copyOf(files.problems);
    }

    private void exists(String path, @Nullable String file) {
        if (file != null && !Files.exists(base.resolve(file))) {
            report(path, "there is no " + base.resolve(file).normalize() + "; paths are relative to the spec's folder");
        }
    }

    private void backbone(AuditSpec spec) {
        if (TextBackbone.is(spec.backbone())) {
            return;
        }
        int patch;
        try {
            patch = Backbones.patch(BackboneLibrary.folder(base, spec.backbone()));
        } catch (PalimpsestException e) {
            report("backbone", String.valueOf(e.getMessage()));
            return;
        }
        AuditSpec.TrainSpec train = spec.target().train();
        if (train != null) {
            size("target.train.size", train.size(), patch);
        }
        Integer pictures = spec.invert().top();
        if (pictures == null || pictures > 0) {
            size("invert.size", spec.invert().size(), patch);
        }
    }

    /** @param size 0: the backbone's own */
    private void size(String path, @Nullable Integer size, int patch) {
        if (size != null && size % patch != 0) {
            int below = Math.max(patch, size / patch * patch);
            report(
                    path,
                    "this backbone takes pictures whose side is a multiple of %d pixels, found %d; use %d or %d"
                            .formatted(patch, size, below, below + patch));
        }
    }

    private void report(String path, String text) {
        problems.add(new Problem(lines.line(path), path, text));
    }
}
