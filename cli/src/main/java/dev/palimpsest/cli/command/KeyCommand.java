package dev.palimpsest.cli.command;

import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
        name = "key",
        description = "Make a key for a gateway: prints it, once, and adds its digest to the gateway's file of keys.",
        footer = {"", "Example: palimpsest key ci --role submitter --tenant red --file keys"})
final class KeyCommand implements Callable<Integer> {
    /** What there is to choose from. */
    enum Role {
        viewer,
        submitter,
        operator
    }

    private static final String NAME = "[a-z0-9][a-z0-9-]{0,62}";
    private static final int BYTES = 32;

    @Parameters(paramLabel = "NAME", description = "whose key it is: small letters, digits and hyphens")
    String name = "";

    @Option(
            names = "--role",
            required = true,
            paramLabel = "ROLE",
            description = "viewer, submitter or operator, see docs/access.md")
    Role role = Role.viewer;

    @Option(names = "--tenant", paramLabel = "TENANT", description = "whose audits; operators have none")
    @Nullable
    String tenant;

    @Option(
            names = "--file",
            required = true,
            paramLabel = "FILE",
            description = "where the gateway's PALIMPSEST_KEYS points to; made if it is not there")
    Path file = Path.of("keys");

    @picocli.CommandLine.Spec
    picocli.CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() {
        if (!name.matches(NAME) || tenant != null && !tenant.matches(NAME)) {
            throw new ParameterException(
                    spec.commandLine(), "NAME and TENANT are small letters, digits and hyphens, at most 63");
        }
        if ((role == Role.operator) != (tenant == null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    role == Role.operator ? "Operators have no --tenant" : "Missing: --tenant for a " + role);
        }
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        String key = "pal_" + HexFormat.of().formatHex(random);
        String line = String.join(
                ":",
                name,
                role.name(),
                tenant == null ? "" : tenant,
                Digests.sha256(key.getBytes(StandardCharsets.UTF_8)));
        add(line);
        System.out.println(key);
        System.err.println("Added to " + file + "; a gateway reads it when it starts.");
        return 0;
    }

    private void add(String line) {
        try {
            List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
            if (lines.stream().anyMatch(known -> known.startsWith(name + ":"))) {
                throw new PalimpsestException(
                        ErrorCode.CONFLICT,
                        file + " has a key of the name " + name + ": take another name, or delete its line first");
            }
            Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.NO_SPACE, "Cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
