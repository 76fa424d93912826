package io.penstock.broker.zookeeper;

/** A znode holds what no release up to ours can have written. */
final class MalformedZNodeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedZNodeException(String path, String fault, Throwable cause) {
        super("znode " + path + " " + fault, cause);
    }
}
