package dev.palimpsest.invert.unclip;

import java.awt.image.BufferedImage;

/** Says how close a picture's embedding is to the one that was asked for; knows no member. */
public interface Judge {
    /** @return cosine, -1..1 */
    double cosine(BufferedImage picture);
}
