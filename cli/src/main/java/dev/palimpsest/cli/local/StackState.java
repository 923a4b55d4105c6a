package dev.palimpsest.cli.local;

import java.util.Map;

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
}
