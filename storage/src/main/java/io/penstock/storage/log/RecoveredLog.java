package io.penstock.storage.log;

/**
 * A log as recovery found it.
 *
 * @param isNew there was no such log before
 */
record RecoveredLog(
        Segments segments, LeaderEpochs epochs, ProducerStates producers, long startOffset, boolean isNew) {}
