package dev.palimpsest.chaos;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A test that takes long, and runs with {@code -Dchaos=true} only. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@EnabledIfSystemProperty(
        named = "chaos",
        matches = "true",
        disabledReason = "takes minutes: ask for it with -Dchaos=true")
@interface OnRequest {}
