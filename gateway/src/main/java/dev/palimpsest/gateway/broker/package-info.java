/** The gateway's two hands on Kafka: one follows the news of every audit from the beginning, one announces what people ask for. */
@NullMarked
package dev.palimpsest.gateway.broker;

import org.jspecify.annotations.NullMarked;
