/**
 * The report: what an audit found, as one HTML file that needs nothing else, and as JSON. {@link ReportBuilder}
 * decides what is said, {@link ReportPage} how it looks.
 */
@NullMarked
package dev.palimpsest.gateway.report;

import org.jspecify.annotations.NullMarked;
