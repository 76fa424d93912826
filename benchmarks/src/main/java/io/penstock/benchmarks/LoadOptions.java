package io.penstock.benchmarks;

/**
 * What a load process is told.
 *
 * @param url of the broker
 * @param name of the destination, fresh for each run
 * @param width pairs, subscribers or queues, as the scenario means it
 * @param backlog messages of the backlog scenarios
 */
record LoadOptions(
        Target target,
        String url,
        String name,
        int width,
        long warmUpMillis,
        long measureMillis,
        int backlog,
        int bodyBytes) {

    static LoadOptions parse(String[] args) {
        return new LoadOptions(
                Target.valueOf(args[1]),
                args[2],
                args[3],
                Integer.parseInt(args[4]),
                Long.parseLong(args[5]),
                Long.parseLong(args[6]),
                Integer.parseInt(args[7]),
                Integer.parseInt(args[8]));
    }

    String[] arguments(String load) {
        return new String[] {
            load,
            target.name(),
            url,
            name,
            "" + width,
            "" + warmUpMillis,
            "" + measureMillis,
            "" + backlog,
            "" + bodyBytes
        };
    }
}
