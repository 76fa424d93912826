package io.penstock.broker;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.request.login.Logins;
import io.penstock.broker.security.ClusterKeys;
import io.penstock.broker.security.LiveUsers;
import io.penstock.broker.security.LoginThread;
import io.penstock.broker.security.UserFile;
import io.penstock.broker.security.UserFileFollower;
import io.penstock.broker.security.Users;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a broker has its users from: its file, or ZooKeeper. Part of the composition root. */
final class BrokerUsers {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerUsers.class);

    private BrokerUsers() {}

    /**
     * Reads the users, and follows their changes from then on.
     *
     * @throws NoUsersException when nobody could connect to such a broker
     * @throws IOException when they cannot be read
     */
    static Logins open(BrokerConfig config, MetadataStore metadata, ClusterKeys keys, ClosingStack closing)
            throws IOException {
        LoginThread thread = new LoginThread("penstock-logins");
        closing.push("logins", thread);
        LoginThread passwords = new LoginThread("penstock-passwords");
        closing.push("passwords", passwords);
        LiveUsers users = new LiveUsers(keys);
        if (config.usersFile() != null) {
            UserFileFollower.start(new UserFile(config.usersFile()), users, thread);
        } else {
            Follower follower = new Follower(users);
            follower.take(metadata.image());
            metadata.subscribe(follower::take);
        }
        if (users.isEmpty() && config.needsUsers()) {
            throw new NoUsersException("listeners=" + config.settings().value("listeners")
                    + ": other machines could connect to this broker, and it has no users. Add one (penstock user add"
                    + " NAME), or set allow.anonymous=true if everybody shall be let in without a login.");
        }
        if (users.isEmpty() && !config.anonymous()) {
            LOG.warn("Nobody can connect to this broker before it has a user: penstock user add NAME");
        }
        return new Logins(users, thread, passwords);
    }

    /** Takes the users from the image; on the metadata's thread. */
    private static final class Follower {
        private final LiveUsers users;
        private Map<String, String> taken;

        Follower(LiveUsers users) {
            this.users = users;
        }

        synchronized void take(ClusterImage image) {
            Map<String, String> now = image.brokerConfig(ClusterImage.USERS);
            if (now == taken) {
                return;
            }
            taken = now;
            try {
                users.become(Users.parse(now));
            } catch (IllegalArgumentException e) {
                LOG.error("The users stay as they were, since those in ZooKeeper cannot be read: {}", e.getMessage());
            }
        }
    }
}
