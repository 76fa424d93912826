package io.penstock.broker.transaction;

import io.penstock.protocol.message.EndBranchResponse.Outcome;
import java.io.IOException;

/** Told what has become of a branch that was to end. */
@FunctionalInterface
public interface BranchEnded {
    /** @param failure null when there is an outcome; else nothing is known to be done, and it may be asked again */
    void ended(Outcome outcome, IOException failure);
}
