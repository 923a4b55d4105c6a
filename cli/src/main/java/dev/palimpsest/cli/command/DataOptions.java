package dev.palimpsest.cli.command;

import dev.palimpsest.contracts.DataClass;
import dev.palimpsest.contracts.DatasetName;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Protocol;
import dev.palimpsest.embed.data.Datasets;
import dev.palimpsest.embed.data.Listing;
import dev.palimpsest.embed.data.Subset;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which samples of which dataset; the words of a spec's {@code target.train}. */
final class DataOptions {
    @Option(
            names = "--data",
            paramLabel = "[LAYOUT:]PATH",
            description =
                    "a dataset: folder:, food101:, inat:, texts: or embeddings:; without the word it is recognised")
    @Nullable
    String data;

    @Option(names = "--split", paramLabel = "FILE", description = "CSV of file,label,part for a folder of images")
    @Nullable
    Path split;

    @Option(names = "--preset", paramLabel = "NAME", description = "food101-binary, food101-10, inat-binary or inat-4")
    @Nullable
    String preset;

    @Option(
            names = "--classes",
            split = ",",
            paramLabel = "CLASS",
            description = "as in a spec: pizza, pizza+tacos, fauna=Animalia; default: all")
    List<String> classes = List.of();

    @Option(names = "--per-class", paramLabel = "N", description = "members a class at most; default: all")
    @Nullable
    Integer perClass;

    @Option(
            names = "--held-out-per-class",
            paramLabel = "N",
            description = "held-out samples a class at most; default: all")
    @Nullable
    Integer heldOutPerClass;

    @Option(names = "--subset-seed", paramLabel = "S", description = "draws them at random; default: the first ones")
    @Nullable
    Long subsetSeed;

    /** The chosen samples of {@code --data}. */
    Listing read(String data) {
        Protocol protocol = preset == null ? null : protocol(preset);
        DatasetName name = DatasetName.of(data);
        if (protocol == null) {
            Subset subset = new Subset(wanted(classes), or(perClass, 0), or(heldOutPerClass, 0), subsetSeed);
            return Datasets.read(Path.of(""), name, split, subset);
        }
        int members = or(perClass, protocol.perClass());
        Subset subset = new Subset(
                wanted(classes.isEmpty() ? protocol.classes() : classes),
                members,
                or(heldOutPerClass, members),
                subsetSeed == null ? Long.valueOf(0) : subsetSeed);
        return Datasets.read(Path.of(""), new DatasetName(protocol.layout(), name.path()), split, subset);
    }

    private static Protocol protocol(String name) {
        return Protocol.named(name)
                .orElseThrow(() -> new PalimpsestException(
                        ErrorCode.USAGE, "--preset " + name + " is not known; there are " + Protocol.names()));
    }

    private static List<DataClass> wanted(List<String> classes) {
        return classes.stream().map(DataClass::of).toList();
    }

    private static int or(@Nullable Integer value, int otherwise) {
        return value == null ? otherwise : value;
    }
}
