package dev.palimpsest.cli.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.PrintStream;
import picocli.CommandLine.Option;

/** For people or for programs. */
final class OutputOptions {
    /** What can be printed. */
    enum Format {
        table,
        json
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table or json (default: ${DEFAULT-VALUE})")
    Format format = Format.table;

    /** Where progress goes: beside the answer for people, out of its way for programs. */
    PrintStream progress() {
        return format == Format.json ? System.err : System.out;
    }

    /** Prints the value as JSON if that was asked for; otherwise the caller prints a table. */
    boolean json(Object value, PrintStream out) {
        if (format != Format.json) {
            return false;
        }
        try {
            out.println(Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(value));
            return true;
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot write the answer as JSON", e);
        }
    }
}
