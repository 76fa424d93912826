package io.penstock.broker.group;

/** Who coordinates a group; only filled in when {@code error} is {@link GroupError#NONE}. */
public record CoordinatorAddress(GroupError error, int brokerId, String host, int port) {
    static CoordinatorAddress failed(GroupError error) {
        return new CoordinatorAddress(error, -1, "", -1);
    }
}
