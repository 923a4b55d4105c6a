package dev.palimpsest.cli.backbone;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which files of a folder in Hugging Face layout are the backbone. */
public final class BackboneFiles {
    private static final Pattern FILE = Pattern.compile("config\\.json|preprocessor_config\\.json"
            + "|model\\.safetensors\\.index\\.json|model(-\\d{5}-of-\\d{5})?\\.safetensors");

    private BackboneFiles() {}

    /** In alphabetical order; a README, other formats of the weights and the like are left out. */
    public static List<Path> of(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(
                            file -> FILE.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND, "Cannot read the backbone's folder " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Whether the folder says what network it holds. */
    static boolean isBackbone(Path folder) {
        return Files.isRegularFile(folder.resolve("config.json"));
    }
}
