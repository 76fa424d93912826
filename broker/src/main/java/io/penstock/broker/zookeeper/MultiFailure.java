package io.penstock.broker.zookeeper;

import java.util.List;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.OpResult;

/** A multi that did not happen, or of which nobody knows. */
final class MultiFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final Code code;
    private final int index;

    private MultiFailure(Code code, int index) {
        super(KeeperException.create(code));
        this.code = code;
        this.index = index;
    }

    static MultiFailure of(int code, List<OpResult> results) {
        if (results != null) {
            for (int i = 0; i < results.size(); i++) {
                if (results.get(i) instanceof OpResult.ErrorResult error
                        && error.getErr() != Code.OK.intValue()
                        && error.getErr() != Code.RUNTIMEINCONSISTENCY.intValue()) {
                    return new MultiFailure(Code.get(error.getErr()), i);
                }
            }
        }
        return new MultiFailure(Code.get(code), -1);
    }

    Code code() {
        return code;
    }

    /** Which operation was refused; -1 when the multi as a whole failed. */
    int index() {
        return index;
    }

    /** True when the connection broke: it may have happened all the same. */
    boolean uncertain() {
        return code == Code.CONNECTIONLOSS
                || code == Code.OPERATIONTIMEOUT
                || code == Code.SESSIONEXPIRED
                || code == Code.SESSIONMOVED;
    }
}
