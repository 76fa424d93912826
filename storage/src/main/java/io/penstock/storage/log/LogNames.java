package io.penstock.storage.log;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of directories and files: by id and offset, never by a client's text. */
final class LogNames {
    static final String SEGMENT = ".log";
    static final String INDEX = ".index";
    static final String PRODUCERS = ".producers";

    private static final Pattern DIRECTORY =
            Pattern.compile("([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-([0-9]{1,9})(-ledger)?");
    private static final Pattern NUMBERED = Pattern.compile("([0-9]{20})(\\.[a-z]+)");

    private LogNames() {}

    static String directory(LogId id) {
        return id.topicId() + "-" + id.partition() + (id.kind() == LogId.Kind.LEDGER ? "-ledger" : "");
    }

    static Optional<LogId> logId(String directory) {
        Matcher matcher = DIRECTORY.matcher(directory);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(new LogId(
                UUID.fromString(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                matcher.group(3) == null ? LogId.Kind.RECORDS : LogId.Kind.LEDGER));
    }

    static String file(long number, String suffix) {
        String digits = Long.toString(number);
        return "0".repeat(20 - digits.length()) + digits + suffix;
    }

    /** The number in the name of a file with this suffix; -1 for other files. */
    static long number(String file, String suffix) {
        Matcher matcher = NUMBERED.matcher(file);
        return matcher.matches() && matcher.group(2).equals(suffix) ? Long.parseLong(matcher.group(1)) : -1;
    }
}
