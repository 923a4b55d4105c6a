package dev.palimpsest.infra;

import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.logging.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * Broker and store in one process, which a heap of 300 MB is enough for. Its only argument is a properties file, see
 * {@link InfraSettings}. It prints one line {@code READY} when both answer and the topics are there; SIGTERM stops it
 * cleanly. Log lines, from WARNING on, go to stderr.
 */
public final class InfraMain {
    private InfraMain() {}

    /** Exit codes: 143 stopped by SIGTERM, 1 cannot start, 2 wrong arguments. */
    public static void main(String[] args) {
        quietLogging();
        if (args.length != 1) {
            System.err.println("The only argument is the path of a properties file.");
            System.exit(2);
        }
        try {
            EmbeddedInfra infra = EmbeddedInfra.start(InfraSettings.read(Path.of(args[0])));
            Runtime.getRuntime().addShutdownHook(new Thread(infra::close, "infra-stop"));
            System.out.println("READY");
            infra.broker().awaitShutdown();
        } catch (PalimpsestException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private static void quietLogging() {
        try (@Nullable InputStream config = InfraMain.class.getResourceAsStream("logging.properties")) {
            if (config != null) {
                LogManager.getLogManager().readConfiguration(config);
            }
        } catch (IOException e) {
            System.err.println("The logging configuration cannot be read: " + e);
        }
    }
}
