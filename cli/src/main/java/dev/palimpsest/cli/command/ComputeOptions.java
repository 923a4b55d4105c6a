package dev.palimpsest.cli.command;

import ai.djl.Device;
import dev.palimpsest.models.Torch;
import picocli.CommandLine.Option;

/** What a command that works in this process computes on. */
final class ComputeOptions {
    @Option(names = "--threads", defaultValue = "1", paramLabel = "T", description = "default: ${DEFAULT-VALUE}")
    int threads;

    @Option(names = "--device", defaultValue = "cpu", description = "cpu or cuda:0")
    String device;

    /** Gives the engine its threads and names the device; to be called before anything else of the engine. */
    Device open() {
        Torch.threads(threads);
        return Torch.device(device);
    }
}
