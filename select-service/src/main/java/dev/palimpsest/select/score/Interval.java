package dev.palimpsest.select.score;

/** A 95 % interval, both ends inclusive. */
public record Interval(double low, double high) {}
