package dev.palimpsest.cli.command;

import ai.djl.Device;
import dev.palimpsest.cli.backbone.BackboneLibrary;
import dev.palimpsest.cli.local.Home;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Backbones;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "add",
        description = {
            "Check every tensor of a backbone, store its files once with their digests, and give it a name.",
            "DIR is what was downloaded: config.json, preprocessor_config.json and model.safetensors (or its shards)."
        },
        footer = {"", "Example: palimpsest backbone add ~/models/dinov2-base --name dinov2-base"})
final class BackboneAddCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "folder in Hugging Face layout")
    Path folder;

    @Option(names = "--name", paramLabel = "N", description = "default: the folder's own name")
    @Nullable
    String name;

    @Override
    public Integer call() {
        int dimension;
        int inputSize;
        Double publicNorm;
        try (Backbone network = Backbones.open(folder, Device.cpu())) {
            dimension = network.dimension();
            inputSize = network.inputSize();
            publicNorm = PublicPhotographs.norm(network);
        }
        BackboneLibrary.Entry entry = BackboneLibrary.of(Home.open())
                .add(
                        folder,
                        name == null ? BackboneLibrary.suggestedName(folder) : name,
                        Backbones.family(folder),
                        dimension,
                        inputSize,
                        publicNorm);
        entry.files()
                .forEach((file, stored) ->
                        System.out.printf(Locale.ROOT, "%s  %s (%d bytes)%n", stored.sha256(), file, stored.size()));
        System.out.printf(
                "%s: %s, embeddings of %d numbers, pictures of %d pixels%n",
                entry.name(), entry.family(), entry.dimension(), entry.inputSize());
        if (publicNorm != null) {
            System.out.printf(
                    Locale.ROOT,
                    "mean length of its embeddings of %d public photographs: %.2f%n",
                    PublicPhotographs.COUNT,
                    publicNorm);
        }
        return 0;
    }
}
