package io.penstock.faults;

/**
 * What is promised for what one subscription gets of a stream. Everything is promised that was certainly sent, nothing that
 * certainly was not, and that nothing comes back whose end was confirmed.
 *
 * @param subscription a queue's readers, a durable subscription, a Kafka group, the log itself
 * @param flagged each repeat says that it is one; without it repeats are nothing wrong until they are settled
 * @param inOrder each reader sees what each sender has sent in that order, repeats left aside
 */
record Promise(String stream, String subscription, boolean flagged, boolean inOrder) {

    static Promise flagged(String stream, String subscription) {
        return new Promise(stream, subscription, true, false);
    }

    static Promise flaggedInOrder(String stream, String subscription) {
        return new Promise(stream, subscription, true, true);
    }

    /** What lies in a log is there once and in order: a reader of all of it sees no repeats, and none could be flagged. */
    static Promise onceInOrder(String stream, String subscription) {
        return new Promise(stream, subscription, true, true);
    }

    static Promise atLeastOnce(String stream, String subscription) {
        return new Promise(stream, subscription, false, false);
    }
}
