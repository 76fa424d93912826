package io.penstock.benchmarks;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Where a comparison keeps its data, and what it knows of the checkout: launcher, peers, class paths. */
final class Workplace implements AutoCloseable {
    private final Path home;
    private final Path root;
    private final Map<String, String> classPaths = new HashMap<>();
    private int made;

    Workplace(Path home) throws IOException {
        this.home = home;
        this.root = Files.createTempDirectory("penstock-bench");
        Runtime.getRuntime().addShutdownHook(new Thread(this::abandon, "bench-end"));
    }

    Path launcher() {
        return home.resolve("penstock");
    }

    Path peers() {
        return home.resolve("benchmarks/peers");
    }

    Path directory(String name) throws IOException {
        return Files.createDirectories(root.resolve(name + "-" + ++made));
    }

    List<String> java(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        return command;
    }

    /** The class path of a peer, resolved by Maven once. */
    String classPath(String peer) throws Exception {
        String known = classPaths.get(peer);
        if (known == null) {
            Path file = home.resolve("benchmarks/target/" + peer + ".classpath");
            Path pom = peers().resolve(peer + "/pom.xml");
            if (!Files.exists(file)
                    || Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(pom)) < 0
                    || !allThere(file)) {
                Files.createDirectories(file.getParent());
                BrokerProcess.run(
                        List.of(
                                "mvn",
                                "-q",
                                "-B",
                                "-f",
                                pom.toString(),
                                "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath",
                                "-Dmdep.outputFile=" + file),
                        root.resolve(peer + "-resolve.log"));
            }
            known = Files.readString(file).trim();
            classPaths.put(peer, known);
        }
        return known;
    }

    private static boolean allThere(Path file) throws IOException {
        return Stream.of(Files.readString(file).trim().split(File.pathSeparator))
                .allMatch(jar -> Files.exists(Path.of(jar)));
    }

    /** Class path of the load that speaks to a target. */
    String loadClassPath(Target target) throws Exception {
        String own = ownJar();
        return switch (target) {
            case PENSTOCK ->
                own
                        + File.pathSeparator
                        + home.resolve("dist/target/penstock/lib").resolve("*");
            case ARTEMIS -> own + File.pathSeparator + classPath("artemis");
            case KAFKA -> own + File.pathSeparator + classPath("kafka");
        };
    }

    private static String ownJar() throws Exception {
        return Path.of(Workplace.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        delete(root);
    }

    /** Whatever ends the comparison, a signal too: no child outlives it. */
    private void abandon() {
        List<ProcessHandle> children = ProcessHandle.current().children().toList();
        children.forEach(ProcessHandle::destroyForcibly);
        children.forEach(child -> child.onExit().join());
        try {
            if (Files.exists(root)) {
                delete(root);
            }
        } catch (IOException e) {
            System.err.println(root + " could not be removed: " + e.getMessage());
        }
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
