package io.penstock.broker.security;

import java.io.IOException;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up what changes in the file of users. A file that cannot be read changes nothing: those who were users before still are. On the
 * thread of logins.
 */
public final class UserFileFollower {
    private static final Logger LOG = LoggerFactory.getLogger(UserFileFollower.class);
    private static final long PAUSE_MILLIS = 500;

    private final UserFile file;
    private final LiveUsers users;
    private Object mark;
    private boolean taken = true;

    private UserFileFollower(UserFile file, LiveUsers users) {
        this.file = file;
        this.users = users;
    }

    /**
     * Reads the file, and follows it from then on.
     *
     * @throws IOException when it cannot be read at the start
     */
    public static void start(UserFile file, LiveUsers users, LoginThread thread) throws IOException {
        UserFileFollower follower = new UserFileFollower(file, users);
        follower.mark = file.mark();
        follower.take();
        thread.repeat(follower::look, PAUSE_MILLIS);
    }

    private void look() {
        boolean news = false;
        try {
            Object now = file.mark();
            news = !Objects.equals(now, mark);
            if (news || !taken) {
                mark = now;
                taken = false;
                take();
                taken = true;
                LOG.info("The users have changed in {}", file.path());
            }
        } catch (IOException | RuntimeException e) {
            if (news) {
                LOG.error("The users stay as they were, since they cannot be read: {}", e.getMessage());
            }
        }
    }

    private void take() throws IOException {
        Users read = file.read();
        if (file.isOpenToOthers()) {
            LOG.warn("{} can be read or written by others than its owner; it should not be", file.path());
        }
        users.become(read);
    }
}
