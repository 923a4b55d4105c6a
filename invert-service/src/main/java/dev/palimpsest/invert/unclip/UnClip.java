package dev.palimpsest.invert.unclip;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.unclip.UNet;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One run: from image embeddings to pictures, a step at a time.
 *
 * <p>A small picture of noise becomes a picture in {@code decoderSteps} passes of the decoder; enlarged, it is what another one of noise is
 * told in {@code superResSteps} passes of the two super-resolution networks. With guidance the decoder is asked twice, without and with
 * the embedding, and what it says is {@code without + g (with - without)}.
 *
 * <p>One network is in memory at a time. Not thread-safe; with one torch thread, on one kind of machine, the same bits each time.
 */
public final class UnClip implements AutoCloseable {
    static final String DECODER = "decoder";
    static final String SUPER_RES = "super_res";
    /** Red, green and blue. */
    static final int CHANNELS = 3;

    private final UnClipFolder folder;
    private final Device device;
    private final UnClipSettings settings;
    private final Noise noise;
    private final @Nullable Judge judge;
    private final Schedule decoderSchedule;
    private final Schedule superResSchedule;
    private final int[] decoderTimes;
    private final int[] superResTimes;
    private UnClipState state;
    private @Nullable UNet network;
    private String loaded = "";
    private float @Nullable [] enlarged;

    private UnClip(
            UnClipFolder folder,
            Device device,
            UnClipSettings settings,
            Noise noise,
            @Nullable Judge judge,
            UnClipState state) {
        this.folder = folder;
        this.device = device;
        this.settings = settings;
        this.noise = noise;
        this.judge = judge;
        this.state = state;
        decoderSchedule = folder.decoderSchedule();
        superResSchedule = folder.superResSchedule();
        decoderTimes = decoderSchedule.timesteps(settings.decoderSteps());
        superResTimes = superResSchedule.timesteps(settings.superResSteps());
    }

    /**
     * A new run at step 0. Reads the text encoder and the projection, makes of them what the decoder is told, and frees them.
     *
     * @param embeddings {@code [B][D]}, raw: not scaled to unit length
     * @param judge keeps the picture that it finds closest once the decoder is done; null keeps them all
     * @throws dev.palimpsest.contracts.PalimpsestException when an embedding is zero, not finite or of another width, or a part of the
     *     folder cannot be read
     */
    public static UnClip start(
            UnClipFolder folder,
            Device device,
            UnClipSettings settings,
            float[][] embeddings,
            Noise noise,
            @Nullable Judge judge) {
        EmbeddingScale.check(embeddings, folder.width());
        Conditioning told = Conditioning.of(folder, device, embeddings, settings.guided());
        UnClipState state = UnClipState.start(told, embeddings.length);
        return new UnClip(folder, device, settings, noise, judge, state);
    }

    /**
     * Goes on where {@link #checkpoint()} was called, with the same folder, settings, noise and judge.
     *
     * @throws dev.palimpsest.contracts.PalimpsestException {@code BAD_FILE} when the checkpoint is of other settings or incomplete
     */
    public static UnClip resume(
            UnClipFolder folder,
            Device device,
            UnClipSettings settings,
            Noise noise,
            @Nullable Judge judge,
            Map<String, Tensor> checkpoint) {
        return new UnClip(folder, device, settings, noise, judge, UnClipState.restore(checkpoint, settings));
    }

    /** Steps done. */
    public int step() {
        return state.step();
    }

    /** Whether all steps are done. */
    public boolean done() {
        return step() >= settings.steps();
    }

    /** Does the next step, which takes the network as long as it takes; nothing when all are done. */
    public void advance() {
        if (done()) {
            return;
        }
        if (step() < settings.decoderSteps()) {
            decode(step());
            if (step() == settings.decoderSteps()) {
                keepClosest();
            }
        } else {
            enlarge(step() - settings.decoderSteps());
        }
    }

    private void decode(int i) {
        int side = folder.smallSide();
        UNet decoder = network(UnClipFolder.DECODER);
        float[] next = step(DECODER, i, side, (picture, x) -> {
            try (NDManager scope = decoder.manager().newSubManager()) {
                NDArray one = scope.create(x, new Shape(1, CHANNELS, side, side));
                NDArray in = settings.guided() ? one.concat(one) : one;
                Conditioning told = state.told();
                float[] said = decoder.predict(
                                in, decoderTimes[i], told.additive(scope, picture), told.context(scope, picture))
                        .toFloatArray();
                return settings.guided() ? guided(said, x.length) : said;
            }
        });
        state = i + 1 < settings.decoderSteps() ? state.at(i + 1, next) : state.small(i + 1, clamped(next));
    }

    /**
     * {@code without + g (with - without)} of the noise; the variance is that of the half that knows the embedding.
     *
     * @param both what the decoder said without the embedding, then with it
     * @param noisy numbers of the noise; what follows them is the variance
     */
    private float[] guided(float[] both, int noisy) {
        float[] mixed = Arrays.copyOfRange(both, both.length / 2, both.length);
        float g = (float) settings.guidance();
        for (int i = 0; i < noisy; i++) {
            mixed[i] = both[i] + g * (mixed[i] - both[i]);
        }
        return mixed;
    }

    private void keepClosest() {
        if (judge == null || state.pictures() == 1) {
            return;
        }
        int best = 0;
        double closest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < state.pictures(); i++) {
            close();
            double cosine = judge.cosine(preview(i));
            if (cosine > closest) {
                closest = cosine;
                best = i;
            }
        }
        state = state.keep(best);
    }

    private void enlarge(int i) {
        int side = folder.largeSide();
        boolean last = i == settings.superResSteps() - 1;
        UNet superRes = network(last ? UnClipFolder.SUPER_RES_LAST : UnClipFolder.SUPER_RES_FIRST);
        float[] guides = enlarged == null ? Bicubic.enlarge(state.small(), folder.smallSide(), side) : enlarged;
        enlarged = guides;
        float[] next = step(SUPER_RES, i, side, (picture, x) -> {
            try (NDManager scope = superRes.manager().newSubManager()) {
                Shape shape = new Shape(1, CHANNELS, side, side);
                NDArray guide = scope.create(part(guides, picture, x.length), shape);
                NDArray in = scope.create(x, shape).concat(guide, 1);
                return superRes.predict(in, superResTimes[i], null, null).toFloatArray();
            }
        });
        state = state.at(settings.decoderSteps() + i + 1, next);
    }

    /** What a network says of one picture at this step. */
    @FunctionalInterface
    private interface Denoiser {
        float[] output(int picture, float[] x);
    }

    /** One step for each picture, one after the other: so none depends on the others, and memory does not on their number. */
    private float[] step(String loop, int i, int side, Denoiser denoiser) {
        Schedule schedule = loop.equals(DECODER) ? decoderSchedule : superResSchedule;
        int[] times = loop.equals(DECODER) ? decoderTimes : superResTimes;
        int length = CHANNELS * side * side;
        boolean last = i == times.length - 1;
        float[] next = new float[state.pictures() * length];
        for (int picture = 0; picture < state.pictures(); picture++) {
            int number = state.first() + picture;
            float[] x = i == 0 ? noise.draw(Draws.start(loop), number, length) : part(state.latents(), picture, length);
            Schedule.Step step = schedule.step(
                    denoiser.output(picture, x),
                    x,
                    times[i],
                    last ? -1 : times[i + 1],
                    last ? null : noise.draw(Draws.step(loop, i), number, length));
            System.arraycopy(step.next(), 0, next, picture * length, length);
        }
        return next;
    }

    private static float[] part(float[] all, int picture, int length) {
        return Arrays.copyOfRange(all, picture * length, (picture + 1) * length);
    }

    private UNet network(String part) {
        if (network == null || !loaded.equals(part)) {
            close();
            network = UNet.open(folder.part(part), device);
            loaded = part;
        }
        return Objects.requireNonNull(network);
    }

    private static float[] clamped(float[] x) {
        float[] clamped = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            clamped[i] = Math.min(1, Math.max(-1, x[i]));
        }
        return clamped;
    }

    /** How many pictures this run has; one after a judge has chosen. */
    public int pictures() {
        return state.pictures();
    }

    /** What a picture looks like so far, from the first step on: small, then large. */
    public BufferedImage preview(int picture) {
        int side = step() > settings.decoderSteps() ? folder.largeSide() : folder.smallSide();
        int length = CHANNELS * side * side;
        float[] all = step() == settings.decoderSteps() ? state.small() : state.latents();
        return Pictures.image(part(all, picture, length), side);
    }

    /** All that is needed to go on later, elsewhere. */
    public Map<String, Tensor> checkpoint() {
        return state.save(settings);
    }

    /** What the last step left, {@code [B, 3, S, S]} in about -1..1; before the first step nothing. */
    float[] latents() {
        return state.latents();
    }

    /** The decoder's finished pictures, {@code [B, 3, S, S]} in -1..1. */
    float[] small() {
        return state.small();
    }

    /** Frees the network that is in memory; the run can go on. */
    @Override
    public void close() {
        if (network != null) {
            network.close();
            network = null;
        }
    }
}
