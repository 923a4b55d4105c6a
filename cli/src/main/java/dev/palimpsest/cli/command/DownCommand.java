package dev.palimpsest.cli.command;

import dev.palimpsest.cli.local.Home;
import dev.palimpsest.cli.local.StackState;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;

@Command(
        name = "down",
        description = "Stop the local stack; nothing stored is lost.",
        footer = {"", "Example: palimpsest down"})
final class DownCommand implements Callable<Integer> {
    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        Optional<StackState> state = Home.open().state().filter(StackState::alive);
        if (state.isEmpty()) {
            System.out.println("No local stack is running.");
            return 0;
        }
        Optional<ProcessHandle> supervisor = ProcessHandle.of(state.get().pid());
        if (supervisor.isPresent()) {
            supervisor.get().destroy();
            supervisor.get().onExit().get();
        }
        System.out.println("The stack has stopped.");
        return 0;
    }
}
