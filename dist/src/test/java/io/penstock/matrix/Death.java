package io.penstock.matrix;

/** What dies, and what the application does then. */
enum Death {
    APPLICATION("application dies", ""),
    /** Its connection comes back, and the transaction goes on. */
    BROKER("broker dies", ""),
    /** The rest is left to recovery. */
    BROKER_AND_CONNECTION("broker dies, no reconnection,", "?jms.reconnectAttempts=0");

    private final String words;
    private final String options;

    Death(String words, String options) {
        this.words = words;
        this.options = options;
    }

    /** Of the application's url. */
    String options() {
        return options;
    }

    @Override
    public String toString() {
        return words;
    }
}
