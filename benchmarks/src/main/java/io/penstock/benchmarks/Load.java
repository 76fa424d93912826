package io.penstock.benchmarks;

/** Main class of the load's process; its first argument names the load, the rest are {@link LoadOptions}. */
public final class Load {
    private Load() {}

    public static void main(String[] args) throws Exception {
        LoadOptions options = LoadOptions.parse(args);
        String load = args[0];
        if (load.startsWith("perf-")) {
            PerfToolLoad.run(load, options);
        } else if (options.target() == Target.KAFKA) {
            new KafkaLoad(options).run(load);
        } else {
            new JmsLoad(options).run(load);
        }
        // Clients may leave threads of their own behind; what was to be measured has been printed.
        System.exit(0);
    }
}
