package io.penstock.cli.demo;

import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What both demos are told. */
final class DemoOptions {
    @Option(
            names = "--for",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = DurationConverter.class,
            description = "how long, as in 20s or 2m (default ${DEFAULT-VALUE})")
    Duration duration;

    @Option(names = "--keep", description = "keep data and logs when it ends")
    boolean keep;

    /** Reads {@code 20s}, {@code 2m} or ISO durations. */
    static final class DurationConverter implements CommandLine.ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            String iso = text.startsWith("P") ? text : "PT" + text;
            try {
                Duration duration = Duration.parse(iso);
                if (duration.toSeconds() >= 5) {
                    return duration;
                }
            } catch (java.time.format.DateTimeParseException e) {
                throw new CommandLine.TypeConversionException("'" + text + "' is not a time such as 20s or 2m");
            }
            throw new CommandLine.TypeConversionException("the demo needs 5 seconds at least");
        }
    }
}
