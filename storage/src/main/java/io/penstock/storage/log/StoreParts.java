package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Workers;

/** What the logs of one store share. */
record StoreParts(
        Disk disk,
        Clock clock,
        Workers workers,
        OpenFiles files,
        Journal journal,
        Space space,
        Runnable checkpointSoon,
        Runnable forceFailed,
        boolean startedClean,
        int sideFilesFromBytes,
        int sideFilesEveryBytes) {}
