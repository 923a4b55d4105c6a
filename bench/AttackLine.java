import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.util.Locale;

/** One line of the table of {@code bench/run attack} from a result.json: members, bound and controls above the three cosines, the best control, precision of the first 20 and 40 above .9, seconds, grade. */
final class AttackLine {
    private AttackLine() {}

    public static void main(String[] arguments) throws Exception {
        JsonNode result = new ObjectMapper().readTree(new File(arguments[1]));
        JsonNode score = result.path("score");
        System.out.printf(
                Locale.ROOT,
                "| %-12s | %s | %s | %s | %.2f | %.2f, %.2f | %.0f s | %s |%n",
                arguments[0],
                counts(score.path("matched")),
                counts(score.path("recoverable")),
                counts(score.path("nullMatched")),
                score.path("nullMax").asDouble(),
                score.path("precision").path("20").asDouble(),
                score.path("precision").path("40").asDouble(),
                result.path("seconds").asDouble(),
                result.path("verdict").path("grade").asText());
    }

    private static String counts(JsonNode above) {
        return above.path("0.75").asInt() + "/" + above.path("0.9").asInt() + "/"
                + above.path("0.95").asInt();
    }
}
