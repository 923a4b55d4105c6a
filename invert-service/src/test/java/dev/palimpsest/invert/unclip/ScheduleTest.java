package dev.palimpsest.invert.unclip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables, time steps and single steps, against the reference's numbers. */
class ScheduleTest {
    private final Reference reference = new Reference("scheduler", "");

    @TempDir
    Path folder;

    @Test
    void tables() {
        Schedule schedule = new Schedule(1000, true, 1);
        assertRelative("betas", schedule.betas());
        assertRelative("alphas_cumprod", schedule.cumulative());
    }

    private void assertRelative(String name, float[] found) {
        double limit = reference
                .json()
                .path("tensors")
                .path(name)
                .path("relative_tolerance")
                .asDouble();
        assertThat(limit).isPositive();
        float[] expected = reference.floats(name);
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(Math.abs(found[i] / (double) expected[i] - 1))
                    .as(name + i)
                    .isLessThanOrEqualTo(limit);
        }
    }

    @Test
    void timesteps() {
        Schedule schedule = new Schedule(1000, true, 1);
        JsonNode lists = reference.json().path("timesteps");
        assertThat(lists.size()).isEqualTo(8);
        lists.properties().forEach(list -> {
            int[] found = schedule.timesteps(Integer.parseInt(list.getKey()));
            assertThat(found).hasSize(list.getValue().size());
            for (int i = 0; i < found.length; i++) {
                assertThat(found[i]).isEqualTo(list.getValue().path(i).asInt());
            }
        });
        assertThatThrownBy(() -> schedule.timesteps(1)).isInstanceOf(PalimpsestException.class);
        assertThatThrownBy(() -> schedule.timesteps(1001)).isInstanceOf(PalimpsestException.class);
    }

    @Test
    void steps() {
        JsonNode steps = reference.json().path("steps");
        assertThat(steps.size()).isEqualTo(16);
        for (JsonNode each : steps) {
            String name = each.path("name").asText() + "/";
            boolean learned = each.path("variance_type").asText().equals("learned_range");
            int t = each.path("t").asInt();
            int previous =
                    each.path("prev_t").isNull() ? t - 1 : each.path("prev_t").asInt();
            float[] output = reference.floats(name + "model_output");
            float[] sample = reference.floats(name + "sample");
            Schedule schedule = new Schedule(1000, learned, 1);
            Schedule.Step step =
                    schedule.step(output, sample, t, previous, t == 0 ? null : reference.floats(name + "noise"));
            reference.assertClose(name + "x0", step.clean(), tolerance(name + "x0"));
            reference.assertClose(name + "prev_sample", step.next(), tolerance(name + "prev_sample"));
            if (reference.has(name + "sigma")) {
                float[] sigma = schedule.deviation(output, learned ? sample.length : 1, t, previous);
                reference.assertClose(name + "sigma", sigma, tolerance(name + "sigma"));
            } else {
                assertThat(t).isZero();
            }
        }
    }

    private double tolerance(String name) {
        return reference.json().path("tensors").path(name).path("tolerance").asDouble();
    }

    @Test
    void olderFilesLeaveThingsOut() throws IOException {
        Files.writeString(folder.resolve("scheduler_config.json"), "{\"variance_type\": \"learned_range\"}");
        Schedule schedule = Schedule.read(folder);
        assertThat(schedule.learned()).isTrue();
        assertThat(schedule.betas()).hasSize(1000);
        float[] clean =
                schedule.step(new float[2], new float[] {100}, 10, 9, null).clean();
        assertThat(clean).containsExactly(1f);
        Files.writeString(folder.resolve("scheduler_config.json"), "{\"beta_schedule\": \"linear\"}");
        assertThatThrownBy(() -> Schedule.read(folder)).hasMessageContaining("expected squaredcos_cap_v2");
    }
}
