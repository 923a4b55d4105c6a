package dev.palimpsest.cli.local;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A running local stack, as other commands find it.
 *
 * @param pid of the process that supervises it
 * @param gateway address of the REST interface
 * @param token what requests must carry
 * @param processes pid of each child by name
 * @param health address of each service's health page by name
 */
public record StackState(
        long pid, String gateway, String token, Map<String, Long> processes, Map<String, String> health) {
    /** Whether the supervising process is alive. */
    public boolean alive() {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** Why nothing answers at this address any more; empty while the supervising process is alive. */
    public Optional<PalimpsestException> over() {
        return alive()
                ? Optional.empty()
                : Optional.of(new PalimpsestException(
                        ErrorCode.BROKER_UNAVAILABLE,
                        "The local stack was stopped; nothing stored is lost. Start it again with 'palimpsest up': audits go on"
                                + " where they were, and 'palimpsest watch' shows them."));
    }

    /**
     * Ends the processes that a killed supervisor left behind, which hold the ports and files that a new stack needs.
     *
     * @param mark in the command line of each, since a number can belong to somebody else by now
     * @return their names
     */
    List<String> endLeftOvers(String mark) {
        List<String> ended = new ArrayList<>();
        processes.forEach((name, pid) -> ProcessHandle.of(pid)
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains(mark))
                        .isPresent())
                .ifPresent(process -> {
                    process.destroyForcibly();
                    process.onExit().join();
                    ended.add(name);
                }));
        return ended;
    }
}
