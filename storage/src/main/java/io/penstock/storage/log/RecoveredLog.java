package io.penstock.storage.log;

/** A log as recovery found it. */
record RecoveredLog(Segments segments, LeaderEpochs epochs, ProducerStates producers, long startOffset) {}
