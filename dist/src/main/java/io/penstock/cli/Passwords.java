package io.penstock.cli;

import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.Arrays;

/** Asks for passwords: at the console without showing them, else the first line of standard input. */
final class Passwords {
    private Passwords() {}

    /** Of a new user: at the console it is asked for twice. */
    static String forNew(String user) throws IOException, UsageException {
        String password = ask("Password of " + user + ": ");
        if (System.console() != null && !password.equals(ask("Once more: "))) {
            throw new UsageException("these are two different passwords");
        }
        return password;
    }

    static String ask(String prompt) throws IOException, UsageException {
        Console console = System.console();
        if (console != null) {
            char[] typed = console.readPassword("%s", prompt);
            if (typed != null) {
                String password = new String(typed);
                Arrays.fill(typed, ' ');
                return password;
            }
        } else {
            String line = line();
            if (!line.isEmpty()) {
                return line;
            }
        }
        throw new UsageException("a password is missing");
    }

    /** Byte by byte, since what comes after it is not a password. */
    private static String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = System.in.read(); next >= 0 && next != '\n'; next = System.in.read()) {
            line.write(next);
        }
        return line.toString(Charset.defaultCharset()).replaceFirst("\r$", "");
    }
}
