/** The gateway's hands on Kafka: one follows the news of every audit from the beginning, one announces what people ask for, one reads single dead letters. */
@NullMarked
package dev.palimpsest.gateway.broker;

import org.jspecify.annotations.NullMarked;
