package io.penstock.broker.delivery;

import io.penstock.protocol.jms.LargeHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** The port by which records of a group go to other destinations: settlement here and send there in one commit. */
public interface Moves {

    /** Moves nothing: what should go stays where it is. */
    Moves NONE = (move, done) -> done.accept(new IOException("nothing is moved by this broker"));

    /**
     * Carries out a move. Those of one lane come one after the other.
     *
     * @param done told null when it is decided and settled, else why it has not happened; on any thread
     */
    void move(Move move, Consumer<IOException> done);

    /** A lane of its own, for one group on one partition. */
    default Moves lane() {
        return this;
    }

    /** Some records of a group on one partition. */
    interface Move {
        SharePartition origin();

        OffsetRanges offsets();

        /** Name of the destination. */
        String target();

        /** Make it, a queue, when there is none. */
        boolean create();

        /** What {@link #batch}'s one record was the head of, when it is a large message, whose pieces go with it; else null. */
        LargeHead head();

        /** One record batch with the copies, without producer id; changed by who gets it. */
        ByteBuffer batch();

        MoveReason reason();

        /**
         * Lets a commit over several brokers hold the records, which then puts them in doubt; in place of {@link #prepare}
         * and {@link #settle}. On the owner of the origin.
         *
         * @param key {@link SessionKey#moving}
         * @return false when they are not there any more: then nothing is to be done
         */
        boolean holdAs(SessionKey key);

        /**
         * Puts the records in doubt, when nothing that was decided before can be pending. On the owner of the origin.
         *
         * @return false when they are not there any more: then nothing is to be done
         */
        boolean prepare();

        /** Accepts what was prepared, after the decision. On the owner of the origin. */
        void settle(SettleCallback callback);
    }
}
