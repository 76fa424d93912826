package io.penstock.arquillian;

import io.penstock.arquillian.halt.HaltingDataSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** WildFly, configured by a script of its command line, as an administrator would. */
record WildFly(Path home) implements ApplicationServer {
    private static final int PORT_OFFSET = 22000;
    private static final String STOP = "stop-embedded-server";
    private static final int SECONDS_MAX = 300;

    @Override
    public String qualifier() {
        return "wildfly";
    }

    @Override
    public URI http() {
        return URI.create("http://127.0.0.1:" + (8080 + PORT_OFFSET) + "/");
    }

    @Override
    public void configure(Adapter adapter, String brokerUrl) throws IOException, InterruptedException {
        Path configuration = home.resolve("standalone/configuration/standalone.xml");
        Path pristine = configuration.resolveSibling("standalone-pristine.xml");
        if (!Files.exists(pristine)) {
            Files.copy(configuration, pristine);
        }
        Files.copy(pristine, configuration, StandardCopyOption.REPLACE_EXISTING);
        Resources.delete(home.resolve("standalone/data"));
        Resources.delete(home.resolve("standalone/log"));
        Path work = Files.createDirectories(ApplicationServer.directory().resolve("wildfly-setup"));
        Files.copy(adapter.archive(), work.resolve(adapter.name() + "-ra.rar"), StandardCopyOption.REPLACE_EXISTING);
        String script =
                adapter.configuration("wildfly", ".cli").replace(STOP, Resources.text("wildfly-database.cli") + STOP);
        Path module = Files.createDirectories(home.resolve("modules/io/penstock/halting/main"));
        Files.writeString(module.resolve("module.xml"), Resources.text("wildfly-module.xml"));
        Resources.jar(module.resolve("halting.jar"), HaltingDataSource.class.getPackage());
        Path file = work.resolve("setup.cli");
        Files.writeString(file, script);
        Path out = work.resolve("setup.txt");
        ProcessBuilder builder = new ProcessBuilder(
                        "sh", home.resolve("bin/jboss-cli.sh").toString(), "--file=" + file)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().put("JAVA_OPTS", "-Xmx256m");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("not configured within " + SECONDS_MAX + " s; see " + out);
        }
        if (process.exitValue() != 0) {
            throw new AssertionError("not configured:\n" + Files.readString(out));
        }
    }

    @Override
    public Map<String, String> startProperties(String brokerUrl) {
        return Map.of(
                "javaVmArguments",
                String.join(
                        " ",
                        "-Xmx512m",
                        // What only soft references reach is gone with each collection: tests look for leaks.
                        "-XX:SoftRefLRUPolicyMSPerMB=0",
                        "-Djboss.socket.binding.port-offset=" + PORT_OFFSET,
                        "-Djboss.node.name=arquillian",
                        // What a crash has left is looked for every few seconds instead of every two minutes.
                        "-DRecoveryEnvironmentBean.periodicRecoveryPeriod=3",
                        "-DRecoveryEnvironmentBean.recoveryBackoffPeriod=1",
                        "-DJTAEnvironmentBean.orphanSafetyInterval=1000",
                        "-Dpenstock.url=" + brokerUrl));
    }

    /** Nothing: the adapter is the server's default one for message-driven beans. */
    @Override
    public WebArchive bind(WebArchive application, List<Class<?>> messageDrivenBeans) {
        return application;
    }

    @Override
    public Path log() {
        return home.resolve("standalone/log/server.log");
    }
}
