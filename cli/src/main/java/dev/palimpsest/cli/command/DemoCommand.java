package dev.palimpsest.cli.command;

import dev.palimpsest.cli.Distribution;
import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.client.Submission;
import dev.palimpsest.cli.local.Home;
import dev.palimpsest.cli.local.LocalStack;
import dev.palimpsest.cli.local.Space;
import dev.palimpsest.cli.local.StackState;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "Audit a real classifier of photographs on this machine, from training to the report.",
            "Interrupt it and run it again: it goes on where it was."
        },
        footer = {"", "Example: palimpsest demo --quick"})
final class DemoCommand implements Callable<Integer> {
    @Option(names = "--quick", description = "a quicker backbone and three small pictures: about three minutes")
    boolean quick;

    @Option(names = "--again", description = "run anew even if the demo has finished before")
    boolean again;

    @Override
    public Integer call() throws IOException {
        Home home = Home.open();
        Optional<StackState> running = home.state().filter(StackState::alive);
        if (running.isPresent()) {
            StackState state = running.get();
            Space.of(home).require();
            System.out.println("Using the local stack at " + state.gateway() + ".");
            return audit(home, state, state::over);
        }
        System.out.println("Starting the local stack ...");
        long started = System.nanoTime();
        try (LocalStack stack = LocalStack.start(home, Distribution.root(), System.out::println)) {
            Runtime.getRuntime().addShutdownHook(new Thread(stack::close, "stop-stack"));
            System.out.printf(
                    "Ready after %.0f s. Logs: %s%n",
                    (System.nanoTime() - started) / 1e9, home.root().resolve("logs"));
            return audit(home, stack.state(), stack::over);
        }
    }

    /** @param over why the stack no longer answers */
    private int audit(Home home, StackState state, Supplier<Optional<PalimpsestException>> over) throws IOException {
        try {
            return run(home, state, over);
        } catch (PalimpsestException e) {
            // A stack that is gone is the reason for whatever did not work with it.
            throw over.get().orElse(e);
        }
    }

    private int run(Home home, StackState state, Supplier<Optional<PalimpsestException>> over) throws IOException {
        GatewayClient client = new GatewayClient(state.gateway(), state.token());
        Path spec = Distribution.root().resolve("examples").resolve(quick ? "demo-quick.yaml" : "demo.yaml");
        String id = Submission.read(spec).send(client, again, System.out::println);
        System.out.println("Audit " + id + " of " + spec);
        int code = new Watch(client, id, System.out, over).untilDone();
        if (code != 0) {
            System.out.println("The logs are in " + home.root().resolve("logs"));
            return code;
        }
        System.out.println(ReportCommand.save(client, id, home.reports().resolve(id)));
        return 0;
    }
}
