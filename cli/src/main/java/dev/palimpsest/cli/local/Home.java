package dev.palimpsest.cli.local;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The folder that the local stack lives in: {@code $PALIMPSEST_HOME}, else {@code ~/.palimpsest}. Readable by its owner only,
 * since it holds rebuilt pictures and the stack's credentials.
 */
public final class Home {
    private final Path root;

    private Home(Path root) {
        this.root = root;
    }

    /** Opens the home folder and makes it if it is absent. */
    public static Home open() {
        String named = System.getenv("PALIMPSEST_HOME");
        Path root = named != null && !named.isBlank()
                ? Path.of(named).toAbsolutePath().normalize()
                : Path.of(System.getProperty("user.home"), ".palimpsest");
        return at(root);
    }

    /** Uses the given folder. */
    public static Home at(Path root) {
        try {
            Files.createDirectories(root);
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
            for (String folder : new String[] {"data", "logs", "cache", "reports"}) {
                Files.createDirectories(root.resolve(folder));
            }
            return new Home(root);
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NO_SPACE,
                    "Cannot make the folder " + root + " (" + e.getMessage()
                            + "); point PALIMPSEST_HOME to a folder that can be written",
                    e);
        }
    }

    public Path root() {
        return root;
    }

    public Path data() {
        return root.resolve("data");
    }

    public Path cache() {
        return root.resolve("cache");
    }

    public Path reports() {
        return root.resolve("reports");
    }

    public Path log(String process) {
        return root.resolve("logs").resolve(process + ".log");
    }

    Path lock() {
        return root.resolve("stack.lock");
    }

    Path infraProperties() {
        return root.resolve("infra.properties");
    }

    /** What is running, if a stack has written it. */
    public Optional<StackState> state() {
        Path file = root.resolve("stack.json");
        try {
            return Files.exists(file)
                    ? Optional.of(Json.mapper().readValue(file.toFile(), StackState.class))
                    : Optional.empty();
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE, file + " is damaged (" + e.getMessage() + "); delete it and start again", e);
        }
    }

    void state(StackState state) throws IOException {
        writePrivately(root.resolve("stack.json"), Json.mapper().writeValueAsBytes(state));
    }

    void clearState() throws IOException {
        Files.deleteIfExists(root.resolve("stack.json"));
    }

    /** A random secret that stays the same for this home, made on first use. */
    String secret(String name) throws IOException {
        Path file = root.resolve(name + ".secret");
        if (!Files.exists(file)) {
            byte[] random = new byte[24];
            new SecureRandom().nextBytes(random);
            writePrivately(file, HexFormat.of().formatHex(random).getBytes(StandardCharsets.US_ASCII));
        }
        return Files.readString(file).trim();
    }

    void writePrivately(Path file, byte[] content) throws IOException {
        Path temporary = Files.createTempFile(root, ".new", "");
        Files.write(temporary, content);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
