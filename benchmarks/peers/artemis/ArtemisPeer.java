import java.util.Set;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.nativo.jlibaio.LibaioContext;

/**
 * The peer broker in a process of its own: arguments port, data directory, journal sync (true or false); prints READY
 * and runs until its standard input ends.
 */
public class ArtemisPeer {
    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        String data = args[1];
        boolean sync = Boolean.parseBoolean(args[2]);
        ConfigurationImpl config = new ConfigurationImpl();
        config.setPersistenceEnabled(true).setSecurityEnabled(false).setJMXManagementEnabled(false);
        config.setJournalDirectory(data + "/journal")
                .setBindingsDirectory(data + "/bindings")
                .setPagingDirectory(data + "/paging")
                .setLargeMessagesDirectory(data + "/large");
        // As Artemis' own installer chooses: libaio where it is there, NIO otherwise.
        config.setJournalType(LibaioContext.isLoaded() ? JournalType.ASYNCIO : JournalType.NIO);
        config.setJournalDatasync(sync);
        config.setJournalSyncTransactional(sync).setJournalSyncNonTransactional(sync);
        config.addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + port + "?protocols=CORE");
        config.addAddressSetting(
                "#",
                new AddressSettings()
                        .setAutoCreateQueues(true)
                        .setAutoCreateAddresses(true)
                        .setAutoDeleteQueues(false)
                        .setAutoDeleteAddresses(false));
        EmbeddedActiveMQ server = new EmbeddedActiveMQ();
        server.setConfiguration(config);
        server.start();
        System.out.println("READY");
        System.out.flush();
        while (System.in.read() >= 0) {}
        server.stop();
        System.exit(0);
    }
}
