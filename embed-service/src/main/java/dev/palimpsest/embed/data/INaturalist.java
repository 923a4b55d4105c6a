package dev.palimpsest.embed.data;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * iNaturalist 2021 (Van Horn et al., 2021) as it is published: {@code train_mini/} (50 images a species) or {@code train/} with a folder a species,
 * named by number and taxonomy as in {@code 00000_Animalia_Annelida_Clitellata_Haplotaxida_Lumbricidae_Lumbricus_terrestris}; beside it
 * {@code train_mini.json} with the annotations, which go before what lies in the folders; {@code val/} and {@code val.json} likewise. What is
 * in train_mini or train trains the head, what is in val is held out; without val every second image of a species is.
 *
 * <p>A class of the head may be a species (the folder's name) or any taxon from kingdom to genus: {@code Animalia} are all species below it.
 */
final class INaturalist implements Source {
    private static final List<String> TRAINING = List.of("train_mini", "train");
    private static final String HELD_OUT = "val";
    private static final Pattern SPECIES = Pattern.compile("\\d{5}_[A-Z][^_]*(_[^_]*){5,}");
    private static final int RANKS = 6;

    /** One of the published archives, unpacked. */
    private record Archive(
            String name, Path images, @Nullable INatAnnotations annotations) {}

    private final Archive training;
    private final @Nullable Archive heldOut;
    private final Set<String> species;
    private final Map<String, Set<String>> byTaxon = new HashMap<>();

    private INaturalist(Archive training, @Nullable Archive heldOut, Set<String> species) {
        this.training = training;
        this.heldOut = heldOut;
        this.species = species;
        for (String folder : species) {
            String[] fields = folder.split("_");
            for (int rank = 1; rank <= Math.min(RANKS, fields.length - 1); rank++) {
                byTaxon.computeIfAbsent(fields[rank], taxon -> new LinkedHashSet<>())
                        .add(folder);
            }
        }
    }

    /** Whether a folder looks so much like it that nothing else can be meant. */
    static boolean isLaidOut(Path folder) {
        return TRAINING.stream().anyMatch(name -> holdsSpecies(folder.resolve(name)));
    }

    /** @throws PalimpsestException BAD_DATA, with what is expected and what is there */
    static INaturalist open(Path folder) {
        String name = TRAINING.stream()
                .filter(known -> holdsSpecies(folder.resolve(known)))
                .findFirst()
                .orElseThrow(() -> new PalimpsestException(
                        ErrorCode.BAD_DATA,
                        folder
                                + " is not laid out as iNaturalist 2021 is published: expected train_mini/ or train/ with a folder a"
                                + " species, such as 00000_Animalia_Annelida_Clitellata_Haplotaxida_Lumbricidae_Lumbricus_terrestris; found "
                                + Folders.found(folder)));
        Archive training = archive(folder, name);
        Archive heldOut = holdsSpecies(folder.resolve(HELD_OUT)) ? archive(folder, HELD_OUT) : null;
        Set<String> species = new LinkedHashSet<>(Folders.names(training.images(), INaturalist::isSpecies));
        if (training.annotations() != null) {
            species.addAll(training.annotations().species());
        }
        return new INaturalist(training, heldOut, species);
    }

    private static Archive archive(Path folder, String name) {
        Path json = folder.resolve(name + ".json");
        return new Archive(name, folder.resolve(name), Files.isRegularFile(json) ? INatAnnotations.read(json) : null);
    }

    private static boolean holdsSpecies(Path folder) {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        return !Folders.names(folder, INaturalist::isSpecies).isEmpty();
    }

    private static boolean isSpecies(Path path) {
        return SPECIES.matcher(path.getFileName().toString()).matches() && Files.isDirectory(path);
    }

    @Override
    public String noun() {
        return "image";
    }

    @Override
    public List<String> classes() {
        return List.copyOf(species);
    }

    @Override
    public Set<String> named(String name) {
        return species.contains(name) ? Set.of(name) : byTaxon.getOrDefault(name, Set.of());
    }

    @Override
    public void walk(Set<String> wanted, Sink sink) {
        walk(training, heldOut == null ? null : Entry.MEMBER, wanted, sink);
        if (heldOut != null) {
            walk(heldOut, Entry.HELD_OUT, wanted, sink);
        }
    }

    private static void walk(Archive archive, @Nullable String part, Set<String> wanted, Sink sink) {
        INatAnnotations annotations = archive.annotations();
        if (annotations != null) {
            annotations.walk(archive.images(), part, wanted, sink);
            return;
        }
        for (String folder : Folders.names(archive.images(), INaturalist::isSpecies)) {
            if (wanted.contains(folder)) {
                Path of = archive.images().resolve(folder);
                Folders.names(of, Folders::isImage)
                        .forEach(image -> sink.sample(
                                archive.name() + "/" + folder + "/" + image,
                                folder,
                                part,
                                new Content.Image(of.resolve(image))));
            }
        }
    }
}
