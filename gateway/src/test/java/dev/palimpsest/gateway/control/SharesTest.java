package dev.palimpsest.gateway.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.PalimpsestException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharesTest {
    @Test
    void aTenantThatIsNamedHasItsShareAndEverybodyElseOne() {
        Shares shares = new Shares("blue=4, red=100");
        assertThat(shares.headers("blue")).isEqualTo(Map.of("share", "4"));
        assertThat(shares.headers("red")).isEqualTo(Map.of("share", "100"));
        assertThat(shares.headers("green")).isEmpty();
        assertThat(shares.headers(null)).isEmpty();
        assertThat(new Shares("").headers("blue")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"blue", "blue=0", "blue=101", "blue=-1", "=4", "Blue=4", "blue=4;red=2"})
    void whatIsNoShareIsNamed(String text) {
        assertThatThrownBy(() -> new Shares("green=2," + text))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("'" + text + "'");
    }
}
