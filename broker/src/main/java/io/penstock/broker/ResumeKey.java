package io.penstock.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

/**
 * The key that signs the tokens of JMS connections, kept beside the data so that a client can come back to a broker that
 * was started again. Used once, by the thread that starts the broker.
 */
final class ResumeKey {
    private static final String FILE = "resume.key";
    private static final int BYTES = 32;

    private ResumeKey() {}

    /** Reads the key, or makes one; a damaged one is replaced, and costs only the sessions of before. */
    static byte[] load(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (Files.exists(file)) {
            byte[] key = Files.readAllBytes(file);
            if (key.length == BYTES) {
                return key;
            }
        }
        byte[] key = new byte[BYTES];
        new SecureRandom().nextBytes(key);
        Path temporary = directory.resolve(FILE + ".tmp");
        Files.deleteIfExists(temporary);
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(
                    temporary, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.write(temporary, key);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return key;
    }
}
