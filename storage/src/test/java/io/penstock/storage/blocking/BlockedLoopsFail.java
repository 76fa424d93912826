package io.penstock.storage.blocking;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails the test, or at the latest the class, in whose time an event loop was blocked. Found by JUnit itself. */
public final class BlockedLoopsFail implements AfterEachCallback, AfterAllCallback {

    @Override
    public void afterEach(ExtensionContext context) {
        failIfBlocked();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        failIfBlocked();
    }

    private static void failIfBlocked() {
        List<String> found = BlockingCalls.take();
        if (!found.isEmpty()) {
            throw new AssertionError("event loops were blocked:\n" + String.join("\n", found));
        }
    }
}
