package dev.palimpsest.cli.command;

import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.local.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "report",
        description = "Save an audit's report: one HTML file and report.json beside it.",
        footer = {"", "Example: palimpsest report a1b2c3 --out ./report"})
final class ReportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "AUDIT", description = "the audit's id")
    String id;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "folder to write into; default: the home folder's reports")
    @Nullable
    Path out;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() throws IOException {
        Path folder = out == null ? Home.open().reports().resolve(id) : out;
        System.out.println(save(server.client(), id, folder));
        return 0;
    }

    /** Writes report.html and report.json; returns the HTML file. */
    static Path save(GatewayClient client, String id, Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve("report.json"), client.bytes("/api/v1/audits/" + id + "/report.json"));
        Path html = folder.resolve("report.html");
        Files.write(html, client.bytes("/api/v1/audits/" + id + "/report"));
        return html.toAbsolutePath();
    }
}
