package dev.palimpsest.contracts.access;

import java.util.List;

/**
 * What a service may do at the broker.
 *
 * @param reads topics that may be read
 * @param writes topics that may be written to
 * @param groups consumer groups that may be joined
 * @param groupPrefixes beginnings of the names of groups that may be joined: those of groups that each process has for itself
 */
public record TopicAccess(List<String> reads, List<String> writes, List<String> groups, List<String> groupPrefixes) {
    public TopicAccess {
        reads = List.copyOf(reads);
        writes = List.copyOf(writes);
        groups = List.copyOf(groups);
        groupPrefixes = List.copyOf(groupPrefixes);
    }
}
