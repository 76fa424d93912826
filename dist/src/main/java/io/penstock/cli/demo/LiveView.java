package io.penstock.cli.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.function.Supplier;

/** Shows the flows: redrawn in place on a terminal, otherwise a block of plain lines every few seconds. */
final class LiveView {
    private static final int PLAIN_EVERY_TICKS = 10;

    private final PrintStream out;
    private final boolean terminal;
    private final List<Flow> flows;
    private final Supplier<List<String>> status;
    private int ticks;
    private int drawn;
    private long lastNanos = System.nanoTime();
    private String event = "";

    /** @param status further lines, asked for at each drawing */
    LiveView(PrintStream out, boolean terminal, List<Flow> flows, Supplier<List<String>> status) {
        this.out = out;
        this.terminal = terminal;
        this.flows = flows;
        this.status = status;
    }

    /** Says what happens to the broker; stays visible until the next event. */
    void event(String text) {
        event = text;
        if (!terminal) {
            out.println("* " + text);
        }
    }

    /** Called twice a second. */
    void tick(long elapsedSeconds, long totalSeconds) {
        ticks++;
        if (!terminal && ticks % PLAIN_EVERY_TICKS != 0) {
            return;
        }
        long now = System.nanoTime();
        double seconds = (now - lastNanos) / 1e9;
        lastNanos = now;
        StringBuilder text = new StringBuilder();
        if (terminal && drawn > 0) {
            text.append("\u001b[").append(drawn).append("A\u001b[J");
        }
        text.append(String.format(
                "%2d of %d s   %-30s %12s %12s   %11s %11s%n",
                elapsedSeconds, totalSeconds, "", "rate", "in all", "p50", "p99"));
        for (Flow flow : flows) {
            text.append("  ").append(flow.line(seconds)).append(System.lineSeparator());
        }
        List<String> further = status.get();
        for (String line : further) {
            text.append("  ").append(line).append(System.lineSeparator());
        }
        if (terminal) {
            text.append("* ").append(event).append(System.lineSeparator());
        }
        drawn = flows.size() + further.size() + 2;
        out.print(text);
        out.flush();
    }
}
