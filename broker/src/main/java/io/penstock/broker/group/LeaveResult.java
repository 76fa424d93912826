package io.penstock.broker.group;

import java.util.List;

/** The answer to a leave: one result for each member that was named, in that order. */
public record LeaveResult(GroupError error, List<Left> members) {

    /** A member that goes, by its id, or by its instance id alone when an administrator removes it. */
    public record Leaving(String memberId, String instanceId, String reason) {}

    /** How it went for one member. */
    public record Left(String memberId, String instanceId, GroupError error) {}

    static LeaveResult failed(GroupError error) {
        return new LeaveResult(error, List.of());
    }
}
