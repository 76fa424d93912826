import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Destinations are deleted as Kafka topics, and made by their first use. */
public class PenstockAdmin implements judge.ProviderAdmin {
    private Admin admin;

    @Override public void open(Properties settings) {
        admin = Admin.create(Map.of("bootstrap.servers", settings.getProperty("judge.admin.bootstrap")));
    }

    @Override public void createQueue(String name) throws Exception {
        deleteQueue(name);
    }

    @Override public void deleteQueue(String name) throws Exception {
        try {
            admin.deleteTopics(List.of(name)).all().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw e;
            }
        }
    }

    @Override public void createTopic(String name) {}

    @Override public void deleteTopic(String name) {}

    @Override public void close() {
        admin.close();
    }
}
