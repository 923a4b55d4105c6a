/**
 * The way in and out of Palimpsest: takes uploads and audits, shows how they fare, hands out the report. Owns no stage and keeps
 * no state of its own: {@code view} is rebuilt from the topics and the store at every start.
 */
@NullMarked
package dev.palimpsest.gateway;

import org.jspecify.annotations.NullMarked;
