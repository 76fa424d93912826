package io.penstock.broker.request.log;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.storage.time.Owner;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.protocol.Errors;

/**
 * A fetch in work. Rows are read by the owners of their partitions; the rest happens on the connection's loop, here
 * called home. With one loop all of it is one run without a hand-over.
 *
 * <pre>
 * reading --enough, an error, or no time to wait--> answered
 *    ^ '--too little--> parked: a listener at each partition, one timer
 *    '--- a partition has more, or the time is up ---'
 * </pre>
 */
final class ParkedFetch {
    private final KafkaHandler.Call call;
    private final Terms terms;
    private final FetchSession session;
    private final List<FetchRow> rows;
    private final Partitions partitions;
    private final Owner home;
    private final AtomicInteger unread = new AtomicInteger();
    private final AtomicInteger bytesLeft = new AtomicInteger();
    private final AtomicBoolean nothingYet = new AtomicBoolean();
    private final List<Parking> parkings = new ArrayList<>();
    private Owner.Cancellable timer;
    private boolean parked;
    private boolean lastReading;
    private boolean wakened;
    private boolean answered;

    /**
     * What the reader asks for.
     *
     * @param bytesMin below which the answer waits, at most {@code waitMillis}
     * @param incremental the answer names only partitions with news
     */
    record Terms(int bytesMax, int bytesMin, int waitMillis, boolean committed, boolean incremental) {}

    /** A listener at one partition; its registration belongs to the partition's owner. */
    private static final class Parking {
        private final Owner owner;
        private Partition.Registration registration;
        private boolean cancelled;

        Parking(Owner owner) {
            this.owner = owner;
        }

        void cancel() {
            owner.run(() -> {
                cancelled = true;
                if (registration != null) {
                    registration.cancel();
                }
            });
        }
    }

    /** @param session null when the reader has none */
    ParkedFetch(
            KafkaHandler.Call call,
            Terms terms,
            FetchSession session,
            List<FetchPosition> positions,
            ClusterImage image,
            Partitions partitions) {
        this.call = call;
        this.terms = terms;
        this.session = session;
        this.partitions = partitions;
        this.home = call.connection().loop();
        this.rows = new ArrayList<>(positions.size());
        for (FetchPosition position : positions) {
            rows.add(row(position, image));
        }
    }

    private static FetchRow row(FetchPosition position, ClusterImage image) {
        boolean byId = position.key().topic() == null;
        TopicImage topic = Topics.find(
                        image, byId, position.key().topic(), position.key().topicId())
                .orElse(null);
        FetchRow row = new FetchRow(position, topic == null ? null : topic.id());
        if (topic == null) {
            row.fail(byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION);
        }
        return row;
    }

    /** At home. */
    void run() {
        lastReading = terms.waitMillis() == 0 || terms.bytesMin() <= 0 || rows.isEmpty() && !terms.incremental();
        read();
    }

    private void read() {
        bytesLeft.set(terms.bytesMax());
        nothingYet.set(true);
        // One more than there are rows: the loop itself, so that nobody is last before all have begun.
        unread.set(rows.size() + 1);
        for (FetchRow row : rows) {
            if (row.topicId() == null) {
                readDone();
            } else {
                partitions.with(
                        row.topicId(), row.position().key().index(), partition -> read(row, partition), failure -> {
                            row.release();
                            row.fail(LogErrors.of(failure));
                            readDone();
                        });
            }
        }
        readDone();
    }

    /** On the partition's owner. */
    private void read(FetchRow row, Partition partition) {
        row.read(partition, Math.max(0, bytesLeft.get()), terms.committed(), nothingYet.get());
        if (row.bytes() > 0) {
            nothingYet.set(false);
            bytesLeft.addAndGet(-row.bytes());
        }
        readDone();
    }

    private void readDone() {
        if (unread.decrementAndGet() == 0) {
            home.run(this::allRead);
        }
    }

    private void allRead() {
        long bytes = 0;
        boolean failed = false;
        for (FetchRow row : rows) {
            bytes += row.bytes();
            failed |= row.failed();
        }
        wakened = false;
        if (failed || lastReading || bytes >= terms.bytesMin()) {
            answer();
        } else {
            park();
        }
    }

    private void park() {
        rows.forEach(FetchRow::release);
        if (!parked) {
            parked = true;
            timer = home.schedule(this::timeIsUp, TimeUnit.MILLISECONDS.toNanos(terms.waitMillis()));
            if (session != null) {
                session.waits(() -> home.execute(this::timeIsUp));
            }
        }
        parkings.clear();
        for (FetchRow row : rows) {
            Partition partition = Objects.requireNonNull(row.partition(), "a row that was read");
            Parking parking = new Parking(partition.owner());
            parkings.add(parking);
            partition.owner().run(() -> {
                if (partition.highWatermark() != row.highWatermark()) {
                    home.run(this::wake);
                } else if (!parking.cancelled) {
                    parking.registration = partition.onHighWatermark(() -> home.run(this::wake));
                }
            });
        }
    }

    /** A partition has more. Everything is read again: with several partitions others may have more too. */
    private void wake() {
        if (!wakened && parked && !lastReading) {
            wakened = true;
            parkings.forEach(Parking::cancel);
            read();
        }
    }

    private void timeIsUp() {
        lastReading = true;
        if (!wakened) {
            wakened = true;
            parkings.forEach(Parking::cancel);
            read();
        }
    }

    private void answer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
            if (session != null) {
                session.waits(null);
            }
        }
        if (answered) {
            rows.forEach(FetchRow::release);
            return;
        }
        answered = true;
        lastReading = true;
        wakened = true;
        FetchResponseData response = new FetchResponseData().setSessionId(session == null ? 0 : session.id());
        FetchableTopicResponse topic = null;
        List<FetchPosition> served = new ArrayList<>();
        for (FetchRow row : rows) {
            if (row.bytes() > 0) {
                served.add(row.position());
            }
            boolean news = session != null && row.isNews();
            if (terms.incremental() && !news) {
                row.release();
                continue;
            }
            FetchPosition.Key key = row.position().key();
            if (topic == null || !sameTopic(topic, key)) {
                topic = new FetchableTopicResponse()
                        .setTopic(key.topic() == null ? "" : key.topic())
                        .setTopicId(key.topicId() == null ? Uuid.ZERO_UUID : key.topicId());
                response.responses().add(topic);
            }
            topic.partitions().add(row.toData(call.version()));
        }
        if (session != null) {
            session.served(served);
        }
        call.reply(response);
    }

    private static boolean sameTopic(FetchableTopicResponse topic, FetchPosition.Key key) {
        return key.topic() == null
                ? topic.topicId().equals(key.topicId())
                : topic.topic().equals(key.topic());
    }
}
