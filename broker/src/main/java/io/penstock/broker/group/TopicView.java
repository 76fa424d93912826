package io.penstock.broker.group;

import java.util.UUID;

/** The port to what topics exist. */
interface TopicView {

    /** Id of the topic with that name, or null when there is none. */
    UUID idOf(String topic);
}
