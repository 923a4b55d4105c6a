package dev.palimpsest.gateway.access;

import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The keys of a gateway by their SHA-256: a key is 32 random bytes, so that no slow hash is needed. One a line of a file: {@code
 * name:role:tenant:sha256}, with an empty tenant for operators; lines that begin with {@code #} are comments.
 */
public final class ApiKeys {
    private static final String NAME = "[a-z0-9][a-z0-9-]{0,62}";
    private static final String EXPECTED =
            "expected name:role:tenant:sha256, with a role of viewer, submitter and operator,"
                    + " a tenant unless it is an operator's, and names of small letters, digits and hyphens";

    private final List<Key> keys;

    /**
     * One of them.
     *
     * @param hash SHA-256 of the key, in hexadecimal digits
     */
    public record Key(Caller caller, String hash) {}

    private ApiKeys(List<Key> keys) {
        this.keys = List.copyOf(keys);
    }

    public static ApiKeys none() {
        return new ApiKeys(List.of());
    }

    /** @throws PalimpsestException USAGE naming the line that is wrong, without what it holds */
    public static ApiKeys read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.USAGE, "The keys cannot be read: " + e, e);
        }
        List<Key> keys = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int number = i + 1;
            Key key = key(line)
                    .filter(found -> names.add(found.caller().getName()))
                    .orElseThrow(() -> new PalimpsestException(
                            ErrorCode.USAGE,
                            "Line %d of the keys %s is no key, or names one again: %s"
                                    .formatted(number, file, EXPECTED)));
            keys.add(key);
        }
        return new ApiKeys(keys);
    }

    private static Optional<Key> key(String line) {
        String[] parts = line.split(":", -1);
        if (parts.length != 4 || !parts[0].matches(NAME) || !parts[3].matches("[0-9a-f]{64}")) {
            return Optional.empty();
        }
        return Stream.of(Role.values())
                .filter(role -> role.id().equals(parts[1]))
                .filter(role -> role == Role.OPERATOR ? parts[2].isEmpty() : parts[2].matches(NAME))
                .map(role -> new Key(new Caller(parts[0], role, parts[2].isEmpty() ? null : parts[2]), parts[3]))
                .findFirst();
    }

    public boolean isEmpty() {
        return keys.isEmpty();
    }

    public List<Key> all() {
        return keys;
    }

    /** Whose key it is. Comparing digests tells nothing about keys by its time. */
    public Optional<Caller> find(String key) {
        String hash = Digests.sha256(key.getBytes(StandardCharsets.UTF_8));
        return keys.stream()
                .filter(known -> known.hash().equals(hash))
                .map(Key::caller)
                .findFirst();
    }
}
