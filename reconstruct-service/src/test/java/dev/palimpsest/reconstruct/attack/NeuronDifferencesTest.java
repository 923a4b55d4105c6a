package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class NeuronDifferencesTest {

    @Test
    void findsMembersOfATrainedHead() {
        HeadFixture food = HeadFixture.read("food2");

        Candidates found = NeuronDifferences.find(food.head(), food.n(), food.n() * .08);

        assertThat(food.matched(found, .75)).isGreaterThanOrEqualTo(25);
        assertThat(food.matched(found, .9)).isGreaterThanOrEqualTo(20);
        assertThat(found.score()[0]).isGreaterThan(found.score()[found.n() - 1]);
    }

    @Test
    void readsMembersTimesWeightDecayFromTheDifferences() {
        HeadFixture food = HeadFixture.read("food2");

        Estimate decay = new NeuronDifferences(food.head(), RowSpace.of(food.head())).decay();

        assertThat(decay).isNotNull();
        assertThat(decay.value()).isBetween(4.0, 12.0).isBetween(decay.low(), decay.high());
        assertThat(decay.high()).isLessThan(3 * decay.low());
    }

    @Test
    void boundSaysHowFarAMemberCanBeReached() {
        HeadFixture food = HeadFixture.read("food2");
        RowSpace space = RowSpace.of(food.head());

        double[] bound = space.bound(food.members(), food.n());

        assertThat(space.rank()).isEqualTo(87);
        assertThat(DoubleStream.of(bound).filter(cosine -> cosine > .75)).hasSize(93);
        assertThat(DoubleStream.of(bound).filter(cosine -> cosine > .9)).hasSize(84);
    }
}
