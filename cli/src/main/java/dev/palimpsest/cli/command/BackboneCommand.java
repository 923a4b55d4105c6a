package dev.palimpsest.cli.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "backbone",
        description = {
            "The backbones of this machine.",
            "One that was added has a name, which an audit's spec and the option --backbone take in place of a folder."
        },
        subcommands = {BackboneListCommand.class, BackboneAddCommand.class, BackboneVerifyCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Example: palimpsest backbone add ~/models/dinov2-base"})
final class BackboneCommand implements Runnable {
    @Spec
    CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "Missing: list, add or verify");
    }
}
