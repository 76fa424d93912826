package io.penstock.storage.log;

import java.nio.file.Path;

/**
 * Settings of a store over one data directory, immutable.
 *
 * @param directory where everything lies
 * @param openFilesMax segment files that may be open at once (when idle ones can be closed)
 * @param journalFileBytes size of one journal file, preallocated
 * @param journalFilesMax journal files at most; what is not yet in forced segments has to fit into them
 * @param stagingBytes size of each of the two buffers between owners and the sync thread
 * @param directBatchBytes appends of this size or more force their segment instead of going through the journal
 * @param sideFilesFromBytes segments with less have no side files: they are read whole when a log is opened
 * @param sideFilesEveryBytes growth of the active segment after which its side files are written again, so that a start
 *     after a crash reads little more than this
 * @param reserveBytes space that is kept free for ledgers: appends of records are refused when less is left
 */
public record StoreConfig(
        Path directory,
        int openFilesMax,
        int journalFileBytes,
        int journalFilesMax,
        int stagingBytes,
        int directBatchBytes,
        int sideFilesFromBytes,
        int sideFilesEveryBytes,
        long reserveBytes) {

    public StoreConfig {
        if (journalFilesMax < 3 || stagingBytes < 4096 || journalFileBytes < stagingBytes + 4096) {
            throw new IllegalArgumentException(
                    "a journal needs three files or more, each larger than the staging buffer");
        }
    }

    public static StoreConfig defaults(Path directory) {
        return new StoreConfig(directory, 1000, 8 << 20, 16, 1 << 20, 128 << 10, 64 << 10, 32 << 20, 8L << 20);
    }

    /** Small buffers and files, for tests and the simulation. */
    public static StoreConfig small(Path directory) {
        return new StoreConfig(directory, 50, 64 << 10, 4, 16 << 10, 8 << 10, 1500, 6000, 0);
    }
}
