package dev.palimpsest.stage;

import dev.palimpsest.contracts.RecordHeaders;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** How much of a worker's time an audit gets beside others, as its records say. */
final class Share {
    private Share() {}

    /** What is no share counts as one. */
    static int of(Headers headers) {
        Header header = headers.lastHeader(RecordHeaders.SHARE);
        String text =
                header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.US_ASCII);
        return text.matches("[1-9][0-9]{0,2}") ? Math.min(Integer.parseInt(text), RecordHeaders.LARGEST_SHARE) : 1;
    }
}
