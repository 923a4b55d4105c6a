package dev.palimpsest.gateway.view;

import dev.palimpsest.contracts.Stage;
import java.util.List;

/**
 * How one figure of one piece of work went.
 *
 * @param figure its name, e.g. {@code loss}
 * @param noun of {@code done}
 * @param done how far the piece had come at each point, growing
 * @param values the figure there
 */
public record CurveView(Stage stage, String piece, String figure, String noun, List<Double> done, List<Double> values) {
    public CurveView {
        done = List.copyOf(done);
        values = List.copyOf(values);
    }
}
