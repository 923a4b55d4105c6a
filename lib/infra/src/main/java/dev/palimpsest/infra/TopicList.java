package dev.palimpsest.infra;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Topics.Topic;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Topics as a property names them: {@code name:partitions} or {@code name:partitions:compact}, with commas between. */
final class TopicList {
    private static final Pattern FORM = Pattern.compile("([A-Za-z0-9._-]{1,249}):([1-9][0-9]{0,3})(:compact)?");

    private TopicList() {}

    /** An empty list gives no topics. */
    static List<Topic> parse(String list) {
        if (list.isBlank()) {
            return List.of();
        }
        return Arrays.stream(list.split(",", -1))
                .map(String::strip)
                .map(TopicList::topic)
                .toList();
    }

    private static Topic topic(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "'" + text + "' is no topic; expected is name:partitions or name:partitions:compact.");
        }
        return new Topic(matcher.group(1), Integer.parseInt(matcher.group(2)), matcher.group(3) != null);
    }
}
