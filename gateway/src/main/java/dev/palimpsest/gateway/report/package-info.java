/**
 * The report: what an audit found, as one HTML file that needs nothing else, and as JSON. {@link dev.palimpsest.gateway.report.ReportBuilder}
 * decides what is said, {@link dev.palimpsest.gateway.report.ReportPage} how it looks.
 */
@NullMarked
package dev.palimpsest.gateway.report;

import org.jspecify.annotations.NullMarked;
