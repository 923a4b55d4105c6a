package dev.palimpsest.cli.command;

import picocli.CommandLine;

/** The list of verbs, in the order of the help page. */
public final class Verbs {
    private Verbs() {}

    /** Adds every verb to the top command. */
    public static void addTo(CommandLine line) {
        line.addSubcommand(new DemoCommand())
                .addSubcommand(new UpCommand())
                .addSubcommand(new DownCommand())
                .addSubcommand(new LintCommand())
                .addSubcommand(new SubmitCommand())
                .addSubcommand(new ListCommand())
                .addSubcommand(new GetCommand())
                .addSubcommand(new WatchCommand())
                .addSubcommand(new WaitCommand())
                .addSubcommand(new ControlCommands.Cancel())
                .addSubcommand(new ControlCommands.Pause())
                .addSubcommand(new ControlCommands.Resume())
                .addSubcommand(new ControlCommands.Retry())
                .addSubcommand(new ReportCommand())
                .addSubcommand(new CompareCommand())
                .addSubcommand(new StudyCommand())
                .addSubcommand(new AdviseCommand())
                .addSubcommand(new DlqCommand())
                .addSubcommand(new VerifyCommand())
                .addSubcommand(new EraseCommand())
                .addSubcommand(new KeyCommand())
                .addSubcommand(new BackboneCommand())
                .addSubcommand(new EmbedCommand())
                .addSubcommand(new AttackCommand())
                .addSubcommand(new MembershipCommand())
                .addSubcommand(new ClusterCommand())
                .addSubcommand(new InvertCommand())
                .addSubcommand(new DoctorCommand())
                .addSubcommand(new CompletionCommand());
    }
}
