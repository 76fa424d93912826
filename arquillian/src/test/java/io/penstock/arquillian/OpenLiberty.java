package io.penstock.arquillian;

import io.penstock.arquillian.halt.HaltingDataSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** Open Liberty, configured by a server.xml. */
record OpenLiberty(Path home) implements ApplicationServer {
    private static final int HTTP_PORT = 31080;

    @Override
    public String qualifier() {
        return "liberty";
    }

    @Override
    public URI http() {
        return URI.create("http://127.0.0.1:" + HTTP_PORT + "/");
    }

    @Override
    public void configure(Adapter adapter, String brokerUrl) throws IOException {
        Path server = home.resolve("usr/servers/arquillian");
        Resources.delete(server);
        Files.createDirectories(server);
        Files.createDirectories(server.resolve("dropins"));
        Files.copy(adapter.archive(), server.resolve(adapter.name() + "-ra.rar"), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(
                ApplicationServer.directory().resolve("adapters/h2.jar"),
                server.resolve("h2.jar"),
                StandardCopyOption.REPLACE_EXISTING);
        Resources.jar(server.resolve("halting.jar"), HaltingDataSource.class.getPackage());
        Files.writeString(server.resolve("jvm.options"), "-Xmx512m\n-XX:SoftRefLRUPolicyMSPerMB=0\n");
        Files.writeString(
                server.resolve("bootstrap.properties"),
                "http.port=" + HTTP_PORT + "\npenstock.url=" + brokerUrl + "\n");
        Files.writeString(server.resolve("adapter.xml"), adapter.configuration("liberty", ".xml"));
        Files.writeString(
                server.resolve("server.xml"),
                Resources.text("liberty-server.xml").replace("ADAPTER", adapter.name()));
    }

    @Override
    public Map<String, String> startProperties(String brokerUrl) {
        return Map.of();
    }

    /** Liberty wants to be told the activation specification of each bean; what the bean says itself wins. */
    @Override
    public WebArchive bind(WebArchive application, List<Class<?>> messageDrivenBeans) {
        if (messageDrivenBeans.isEmpty()) {
            return application;
        }
        StringBuilder beans = new StringBuilder();
        for (Class<?> bean : messageDrivenBeans) {
            beans.append(
                    "  <message-driven name=\"%s\"><jca-adapter activation-spec-binding-name=\"jms/activation\"/></message-driven>\n"
                            .formatted(bean.getSimpleName()));
        }
        return application.addAsWebInfResource(
                new StringAsset(
                        """
                        <?xml version="1.0" encoding="UTF-8"?>
                        <ejb-jar-bnd xmlns="http://websphere.ibm.com/xml/ns/javaee" version="1.2">
                        %s</ejb-jar-bnd>
                        """
                                .formatted(beans)),
                "ibm-ejb-jar-bnd.xml");
    }

    @Override
    public Path log() {
        return home.resolve("usr/servers/arquillian/logs/messages.log");
    }
}
