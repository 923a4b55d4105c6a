package dev.palimpsest.cli.command;

import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.local.Home;
import dev.palimpsest.cli.local.Space;
import dev.palimpsest.cli.local.StackState;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which gateway a command speaks to: a named one, else the local stack. */
final class ServerOptions {
    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "gateway to use (or PALIMPSEST_SERVER); without it the local stack")
    @Nullable
    String server;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "holds the gateway's token; without it PALIMPSEST_TOKEN has it")
    @Nullable
    Path tokenFile;

    private Supplier<Optional<PalimpsestException>> over = Optional::empty;

    /** Why the gateway of {@link #client} no longer answers, as far as that can be known here. */
    Supplier<Optional<PalimpsestException>> over() {
        return over;
    }

    /** @throws PalimpsestException NO_SPACE when the audit would be stored on this machine and has no room there */
    void requireSpace() {
        if (address() == null) {
            Space.of(Home.open()).require();
        }
    }

    GatewayClient client() {
        String address = address();
        if (address != null) {
            return new GatewayClient(address, token());
        }
        StackState state = Home.open()
                .state()
                .filter(StackState::alive)
                .orElseThrow(() -> new PalimpsestException(
                        ErrorCode.NOT_FOUND,
                        "No local stack is running; start one with 'palimpsest up', or name a gateway with --server"));
        over = state::over;
        return new GatewayClient(state.gateway(), state.token());
    }

    private @Nullable String address() {
        String named = server == null ? System.getenv("PALIMPSEST_SERVER") : server;
        return named == null || named.isBlank() ? null : named;
    }

    /** Never an argument: those are seen by everybody on the machine. */
    private String token() {
        if (tokenFile == null) {
            String token = System.getenv("PALIMPSEST_TOKEN");
            return token == null ? "" : token;
        }
        try {
            return Files.readString(tokenFile).strip();
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, "Cannot read the token from " + tokenFile + ": " + e.getMessage(), e);
        }
    }
}
