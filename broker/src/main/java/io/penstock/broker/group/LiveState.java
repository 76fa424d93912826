package io.penstock.broker.group;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.function.Function;

/**
 * A shard's live records in steps. The records of a step are taken when the step is asked for, and are the newest that
 * were appended, so that writing them brings no older value back. Several small groups share a step, a group with many
 * offsets takes one large step. Owner thread only.
 */
final class LiveState implements Iterator<List<GroupRecord>> {
    private static final int STEP_RECORDS = 500;

    private final Queue<String> groupIds;
    private final Function<String, Group> groups;
    private List<GroupRecord> next;

    LiveState(Collection<String> groupIds, Function<String, Group> groups) {
        this.groupIds = new ArrayDeque<>(groupIds);
        this.groups = groups;
    }

    @Override
    public boolean hasNext() {
        if (next == null) {
            next = take();
        }
        return !next.isEmpty();
    }

    @Override
    public List<GroupRecord> next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        List<GroupRecord> step = next;
        next = null;
        return step;
    }

    private List<GroupRecord> take() {
        List<GroupRecord> step = new ArrayList<>();
        while (step.size() < STEP_RECORDS && !groupIds.isEmpty()) {
            Group group = groups.apply(groupIds.remove());
            if (group == null || group.deleting) {
                continue;
            }
            if (group.appendedGeneration != null) {
                step.add(new GroupRecord.Metadata(group.id, group.appendedGeneration));
            }
            group.offsets.newest().forEach((key, value) -> step.add(new GroupRecord.Offset(group.id, key, value)));
        }
        return step;
    }
}
