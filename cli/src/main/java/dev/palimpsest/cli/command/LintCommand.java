package dev.palimpsest.cli.command;

import dev.palimpsest.cli.client.SpecFiles;
import dev.palimpsest.cli.client.Submission;
import dev.palimpsest.cli.study.Study;
import dev.palimpsest.cli.study.StudyCheck;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.spec.Problem;
import dev.palimpsest.contracts.spec.SpecReader;
import dev.palimpsest.contracts.spec.SpecSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "lint",
        description = {
            "Say everything that is wrong with a spec, each with its line and the nearest key.",
            "Of one that is right in itself, also which files are not there and which sizes its backbone",
            "does not take.",
            "Of a study, also which cells cannot be run."
        },
        footer = {"", "Example: palimpsest lint audit.yaml", "", "Exit codes: 0 nothing is wrong, 2 something is."})
final class LintCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SPEC", arity = "0..1", description = "the spec of an audit, YAML or JSON, or a study")
    @Nullable
    Path file;

    @Option(names = "--schema", description = "print the JSON Schema of a spec, for an editor")
    boolean schema;

    @Mixin
    OutputOptions output;

    @Spec
    picocli.CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() {
        if (schema) {
            System.out.print(SpecSchema.json());
            return 0;
        }
        if (file == null) {
            throw new ParameterException(spec.commandLine(), "Missing: SPEC, or --schema");
        }
        String text = text(file);
        List<Problem> problems = Study.is(text) ? study(file) : audit(text, file);
        if (!output.json(problems, System.out)) {
            // As compilers write it, so that editors jump to the line.
            problems.forEach(problem -> System.out.println(file + ":" + Math.max(1, problem.line()) + ": "
                    + (problem.path().isEmpty() ? "" : problem.path() + ": ") + problem.text()));
            if (problems.isEmpty()) {
                System.out.println(file + ": nothing is wrong");
            }
        }
        return problems.isEmpty() ? 0 : 2;
    }

    /** What its files have to do with it is asked of a spec only that is right in itself. */
    private static List<Problem> audit(String text, Path file) {
        List<Problem> problems = SpecReader.lint(text);
        return problems.isEmpty()
                ? SpecFiles.problems(SpecReader.read(text, file.toString()), Submission.folder(file), text)
                : problems;
    }

    private static List<Problem> study(Path file) {
        try {
            return StudyCheck.of(Study.read(file)).problems().entrySet().stream()
                    .map(entry -> new Problem(0, entry.getKey(), entry.getValue()))
                    .toList();
        } catch (PalimpsestException e) {
            return List.of(new Problem(0, "", String.valueOf(e.getMessage())));
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND,
                    "Cannot read the spec " + file
                            + (e instanceof NoSuchFileException ? ": there is no such file" : ": " + e.getMessage())
                            + "; check the path",
                    e);
        }
    }
}
