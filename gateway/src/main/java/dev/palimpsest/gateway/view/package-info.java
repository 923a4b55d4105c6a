/**
 * What became of every audit, as a projection of the messages. {@link AuditState} folds messages in any
 * order and any number of times into the same state; free of Kafka and storage.
 */
@NullMarked
package dev.palimpsest.gateway.view;

import org.jspecify.annotations.NullMarked;
