package dev.palimpsest.embed.train;

/**
 * Privacy of the sampled Gaussian mechanism by Renyi differential privacy: each sample takes part with chance q, sensitivity 1, noise of
 * deviation sigma. At a whole order a (Mironov, Talwar, Zhang 1908.10530, section 3.3)
 *
 * <pre>
 * R(a) = log( sum_k C(a, k) (1 - q)^(a - k) q^k exp((k^2 - k) / (2 sigma^2)) ) / (a - 1)
 * eps  = min_a  T R(a) + log(1 / delta) / (a - 1)                       (Mironov 1702.07476, proposition 3)
 * </pre>
 *
 * With q = 1 it is {@code R(a) = a / (2 sigma^2)} at every real order, and the minimum is
 * {@code T / (2 sigma^2) + sqrt(2 T log(1 / delta)) / sigma}. Whole orders up to {@value #LARGEST_ORDER} only, so that an epsilon above
 * some 5 comes out somewhat too high, never too low.
 */
final class GaussianAccountant {
    private static final int LARGEST_ORDER = 512;

    private final double q;
    private final double sigma;

    GaussianAccountant(double q, double sigma) {
        this.q = q;
        this.sigma = sigma;
    }

    double epsilon(int steps, double delta) {
        double bits = -Math.log(delta);
        if (q >= 1) {
            return steps / (2 * sigma * sigma) + Math.sqrt(2 * steps * bits) / sigma;
        }
        double least = Double.POSITIVE_INFINITY;
        for (int order = 2; order <= LARGEST_ORDER; order++) {
            least = Math.min(least, steps * renyi(order) + bits / (order - 1));
        }
        return least;
    }

    /** R(order) of one step. */
    double renyi(int order) {
        double largest = Double.NEGATIVE_INFINITY;
        double[] terms = new double[order + 1];
        double logBinomial = 0;
        for (int k = 0; k <= order; k++) {
            terms[k] = logBinomial
                    + (order - k) * Math.log1p(-q)
                    + k * Math.log(q)
                    + (double) k * (k - 1) / (2 * sigma * sigma);
            largest = Math.max(largest, terms[k]);
            logBinomial += Math.log((double) (order - k) / (k + 1));
        }
        double sum = 0;
        for (double term : terms) {
            sum += Math.exp(term - largest);
        }
        return Math.max(0, largest + Math.log(sum)) / (order - 1);
    }
}
