package dev.palimpsest.cli.command;

import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.local.Home;
import dev.palimpsest.cli.local.Space;
import dev.palimpsest.cli.local.StackState;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which gateway a command speaks to: a named one, else the local stack. */
final class ServerOptions {
    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "gateway to use; without it the local stack. The token comes from PALIMPSEST_TOKEN.")
    @Nullable
    String server;

    private Supplier<Optional<PalimpsestException>> over = Optional::empty;

    /** Why the gateway of {@link #client} no longer answers, as far as that can be known here. */
    Supplier<Optional<PalimpsestException>> over() {
        return over;
    }

    /** @throws PalimpsestException NO_SPACE when the audit would be stored on this machine and has no room there */
    void requireSpace() {
        if (server == null) {
            Space.of(Home.open()).require();
        }
    }

    GatewayClient client() {
        if (server != null) {
            String token = System.getenv("PALIMPSEST_TOKEN");
            return new GatewayClient(server, token == null ? "" : token);
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
}
