package dev.palimpsest.reconstruct.attack;

import ai.djl.ndarray.NDArray;

/** Adam (Kingma and Ba 2015), beta .9 and .999, in place on one array; the learning rate is given per step. */
final class Adam {
    private final NDArray x;
    private final NDArray mean;
    private final NDArray square;
    private int steps;

    Adam(NDArray x) {
        this.x = x;
        this.mean = x.zerosLike();
        this.square = x.zerosLike();
    }

    void step(NDArray gradient, double rate) {
        steps++;
        mean.muli(.9f).addi(gradient.mul(.1f));
        square.muli(.999f).addi(gradient.square().muli(.001f));
        NDArray scale = square.div((float) (1 - Math.pow(.999, steps))).sqrt().addi(1e-12f);
        x.subi(mean.div(scale).muli((float) (rate / (1 - Math.pow(.9, steps)))));
    }
}
