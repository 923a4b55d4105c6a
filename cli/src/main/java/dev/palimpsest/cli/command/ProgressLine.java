package dev.palimpsest.cli.command;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on standard error for work in this process. */
final class ProgressLine implements AutoCloseable {
    private final ProgressBar bar;

    ProgressLine(String task, long total, String noun) {
        bar = new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setUnit(" " + noun, 1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(System.console() == null ? 5_000 : 200)
                .build();
    }

    void at(long done, String text) {
        bar.stepTo(done);
        bar.setExtraMessage(text);
    }

    @Override
    public void close() {
        bar.close();
    }
}
