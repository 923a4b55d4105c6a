package dev.palimpsest.cli;

import dev.palimpsest.cli.command.Verbs;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** Entry point of the {@code palimpsest} command. Exit codes: 0 done, 1 failure, 2 wrong use, 3 a leak at or above {@code --fail-on}. */
@Command(
        name = "palimpsest",
        version = "palimpsest 0.1.0",
        description = "Finds out whether a classifier's training images can be rebuilt from its weights.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong use or a bad spec, 3 a leak at or above --fail-on.",
            "Start with: palimpsest demo"
        })
public final class Palimpsest implements Runnable {
    private static final int HELP_WIDTH = 100;

    // Held, since the log manager forgets loggers that nobody holds, with their levels.
    private static final Logger ENGINE = Logger.getLogger("ai.djl");

    @CommandLine.Spec
    CommandLine.Model.CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "show this help")
    boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "print the version")
    boolean version;

    /** Runs the command line and ends the process with its exit code. */
    public static void main(String[] arguments) {
        ENGINE.setLevel(Level.WARNING);
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Palimpsest());
        Verbs.addTo(line);
        line.setUsageHelpWidth(HELP_WIDTH);
        line.setParameterExceptionHandler((wrong, arguments) -> {
            CommandLine command = wrong.getCommandLine();
            command.getErr().println("palimpsest: " + wrong.getMessage());
            UnmatchedArgumentException.printSuggestions(wrong, command.getErr());
            command.getErr().println("'" + command.getCommandSpec().qualifiedName() + " --help' says how it is used.");
            return command.getCommandSpec().exitCodeOnInvalidInput();
        });
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof PalimpsestException known) {
                command.getErr().println("palimpsest: " + known.getMessage());
                return known.code() == ErrorCode.USAGE || known.code() == ErrorCode.BAD_SPEC ? 2 : 1;
            }
            command.getErr().println("palimpsest: this is a defect of Palimpsest, please report it:");
            failure.printStackTrace(command.getErr());
            return 1;
        });
        return line;
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }
}
