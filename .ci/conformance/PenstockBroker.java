import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** A broker in its own process: prints READY, then runs until its standard input ends. */
public class PenstockBroker {
    public static void main(String[] arguments) throws Exception {
        Files.createDirectories(Path.of(arguments[1]));
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://127.0.0.1:" + arguments[0]);
        properties.put("log.dirs", arguments[1]);
        Broker broker = Broker.start(BrokerConfig.parse(properties));
        System.out.println("READY");
        System.out.flush();
        while (System.in.read() >= 0) {}
        broker.close();
        System.exit(0);
    }
}
