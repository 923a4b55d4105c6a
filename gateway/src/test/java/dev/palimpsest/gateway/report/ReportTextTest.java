package dev.palimpsest.gateway.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.gateway.measure.Likeness;
import dev.palimpsest.gateway.measure.Measures;
import dev.palimpsest.gateway.view.AuditView.VerdictView;
import dev.palimpsest.gateway.view.Made;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTextTest {
    @Test
    void quotesWhatSpreadsheetsWouldMisread() {
        String csv = ReportText.csv(report("=HYPERLINK(\"x\"),\n\"a\".jpg"));

        assertThat(csv)
                .isEqualTo("item,rank,label,candidates,nearest,cosine,above_null,picture_cosine,steps,"
                        + "ssim,distance,nearest_public,nearest_public_distance,upper_bound_distance\r\n"
                        + "r1,1,animals,4,\"'=HYPERLINK(\"\"x\"\"),\n\"\"a\"\".jpg\",-0.2500,false,0.9700,600,"
                        + ",0.5000,\"owl,.jpg\",0.7500,\r\n");
    }

    @Test
    void aModelCardHoldsTheCountsAndNoForeignMarkup() {
        String card = ReportText.modelCard(report("a.jpg"));

        assertThat(card)
                .contains("| 0.9 | 13 of 72 | 10.9 % to 28.5 % | 24 | 0 |")
                .contains("\\<b\\>head\\</b\\>")
                .contains("- A limit.")
                .doesNotContain("<b>");
    }

    @Test
    void intervalsAreWilsons() {
        // 5 of 10: 0.2366 to 0.7634.
        assertThat(ReportBuilder.wilson(5, 10, -1)).isCloseTo(0.2366, within(1e-4));
        assertThat(ReportBuilder.wilson(5, 10, 1)).isCloseTo(0.7634, within(1e-4));
        assertThat(ReportBuilder.wilson(0, 10, -1)).isZero();
        assertThat(ReportBuilder.wilson(10, 10, 1)).isCloseTo(1, within(1e-12));
        assertThat(ReportBuilder.wilson(0, 0, 1)).isEqualTo(1);
    }

    private static Report report(String file) {
        return new Report(
                1,
                "a1",
                "name",
                "done",
                Made.NOON,
                "13 of 72 of <b>head</b>",
                new VerdictView(
                        "D", "D: closely", 72, 36, Map.of(), Map.of(), Map.of(), 0.5, 0.4, 0.5, 0.8, null, null),
                List.of(new Report.Count(
                        "0.9", 13, 24, 72, 0, ReportBuilder.wilson(13, 72, -1), ReportBuilder.wilson(13, 72, 1))),
                List.of(new Report.Entry(
                        "r1",
                        1,
                        null,
                        file,
                        -0.25,
                        0.97,
                        600,
                        "animals",
                        4,
                        false,
                        Made.ref("audits/x/p.png", '1'),
                        null,
                        null,
                        new Measures(new Likeness(null, 0.5), null, 0.0, "owl,.jpg", new Likeness(null, 0.75), null))),
                List.of(),
                List.of(),
                PlotData.of(null, List.of()),
                List.of(),
                List.of(),
                List.of(),
                List.of("A limit."),
                List.of(),
                List.of(),
                "",
                null,
                "");
    }
}
