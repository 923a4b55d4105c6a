package dev.palimpsest.cli.command;

import dev.palimpsest.cli.Distribution;
import dev.palimpsest.cli.local.Home;
import dev.palimpsest.cli.local.LocalStack;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "up",
        description = "Start the local stack and keep it running until it is interrupted.",
        footer = {"", "Example: palimpsest up"})
final class UpCommand implements Callable<Integer> {
    @Override
    public Integer call() throws InterruptedException {
        long started = System.nanoTime();
        LocalStack stack = LocalStack.start(Home.open(), Distribution.root(), System.err::println);
        Runtime.getRuntime().addShutdownHook(new Thread(stack::close, "stop-stack"));
        System.out.printf(
                "The stack is ready after %.1f s.%n  gateway  %s%n  console  %s/#token=%s%n  logs     %s%nStop it with Ctrl-C or 'palimpsest down'.%n",
                (System.nanoTime() - started) / 1e9,
                stack.state().gateway(),
                stack.state().gateway(),
                stack.state().token(),
                Home.open().log("gateway").getParent());
        try (stack) {
            throw stack.awaitEnd();
        }
    }
}
