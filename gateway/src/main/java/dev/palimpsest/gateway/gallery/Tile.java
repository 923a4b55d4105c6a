package dev.palimpsest.gateway.gallery;

import org.jspecify.annotations.Nullable;

/**
 * One representative of an audit, with its picture if it became one.
 *
 * @param id names the tile within the audit
 * @param rank in the selection that it comes from, from 1: the confidence of the attack, which never looked at a member
 * @param label index of the class that the head gives it, and that class's name
 * @param support distinct candidates behind it
 * @param state of its picture: {@code none}, {@code waiting}, {@code running}, {@code done} or {@code failed}
 * @param item the picture's name; null when it becomes none
 * @param pictureCosine of the finished picture and the representative
 * @param picture where the finished picture, else its newest preview, can be had; {@code ?width=} makes it small
 * @param nearest the member that it comes closest to; null without members
 * @param nearestControl likewise
 * @param aboveNull whether the cosine to the member is above that of every control; false without controls
 * @param upperBound where the picture made from the member's true embedding can be had, for comparison; null when there is none, or not yet
 * @param early whether it is of the first selection, from part of the candidates, whose ranks are its own
 */
public record Tile(
        String id,
        int rank,
        int label,
        String labelName,
        int support,
        double score,
        String state,
        @Nullable String item,
        @Nullable Double pictureCosine,
        @Nullable Integer steps,
        @Nullable String picture,
        @Nullable Near nearest,
        @Nullable Near nearestControl,
        boolean aboveNull,
        @Nullable String upperBound,
        boolean early) {
    /**
     * A sample of the owner.
     *
     * @param image where its picture can be had; null when the owner gave embeddings
     */
    public record Near(String file, double cosine, @Nullable String image) {}
}
