package io.penstock.broker.zookeeper;

import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;

/** Operations for one multi, and how large they are. */
final class Writes {
    private static final int OPERATION_OVERHEAD_BYTES = 64;

    private final List<Op> operations = new ArrayList<>();
    private long bytes;

    static Writes none() {
        return new Writes();
    }

    Writes create(String path, byte[] value) {
        return add(Op.create(path, value, ZNodes.acl(), CreateMode.PERSISTENT), path, value);
    }

    Writes createEphemeral(String path, byte[] value) {
        return add(Op.create(path, value, ZNodes.acl(), CreateMode.EPHEMERAL), path, value);
    }

    Writes set(String path, byte[] value, int version) {
        return add(Op.setData(path, value, version), path, value);
    }

    Writes delete(String path, int version) {
        return add(Op.delete(path, version), path, null);
    }

    Writes check(String path, int version) {
        return add(Op.check(path, version), path, null);
    }

    Writes addAll(Writes more) {
        operations.addAll(more.operations);
        bytes += more.bytes;
        return this;
    }

    List<Op> operations() {
        return operations;
    }

    int count() {
        return operations.size();
    }

    boolean isEmpty() {
        return operations.isEmpty();
    }

    /** About so many bytes in ZooKeeper's request; it takes a megabyte. */
    long bytes() {
        return bytes;
    }

    private Writes add(Op operation, String path, byte[] value) {
        operations.add(operation);
        bytes += path.length() + OPERATION_OVERHEAD_BYTES + (value == null ? 0 : value.length);
        return this;
    }
}
