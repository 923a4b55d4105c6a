package dev.palimpsest.infra;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/** A topic as the configuration names it: {@code name:partitions} or {@code name:partitions:compact}. */
record TopicSpec(String name, int partitions, boolean compact) {
    private static final Pattern FORM = Pattern.compile("([A-Za-z0-9._-]{1,249}):([1-9][0-9]{0,3})(:compact)?");

    /** Parses a comma-separated list; an empty one gives no topics. */
    static List<TopicSpec> parseList(String list) {
        if (list.isBlank()) {
            return List.of();
        }
        return Arrays.stream(list.split(",", -1))
                .map(String::strip)
                .map(TopicSpec::parse)
                .toList();
    }

    private static TopicSpec parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "'" + text + "' is no topic; expected is name:partitions or name:partitions:compact.");
        }
        return new TopicSpec(matcher.group(1), Integer.parseInt(matcher.group(2)), matcher.group(3) != null);
    }

    NewTopic toNewTopic() {
        NewTopic topic = new NewTopic(name, Optional.of(partitions), Optional.empty());
        return compact
                ? topic.configs(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT))
                : topic;
    }
}
