package dev.palimpsest.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits for the end of an audit without saying anything. */
final class WaitFor {
    private final GatewayClient client;
    private final String id;
    private final Supplier<Optional<PalimpsestException>> over;

    WaitFor(GatewayClient client, String id, Supplier<Optional<PalimpsestException>> over) {
        this.client = client;
        this.id = id;
        this.over = over;
    }

    /** The exit code; with {@code longest}, 1 when the audit has not ended by then. */
    int end(GradeGate gate, @Nullable Duration longest) {
        Watch watch = new Watch(client, id, new PrintStream(OutputStream.nullOutputStream()), over);
        Integer code = watch.untilDone(gate, longest);
        if (code == null) {
            JsonNode view = client.get(id);
            System.err.println("palimpsest: audit " + id + " is still "
                    + view.path("state").asText());
            return 1;
        }
        return code;
    }
}
