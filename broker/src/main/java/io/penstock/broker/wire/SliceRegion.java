package io.penstock.broker.wire;

import io.netty.channel.DefaultFileRegion;
import io.penstock.storage.log.LogSlice;
import java.nio.channels.FileChannel;

/** A slice of a log, sent from its file. Its release closes the slice, never the file, which belongs to the log. */
final class SliceRegion extends DefaultFileRegion {
    private final LogSlice slice;

    SliceRegion(FileChannel channel, LogSlice slice) {
        super(channel, slice.position(), slice.sizeBytes());
        this.slice = slice;
    }

    @Override
    protected void deallocate() {
        slice.close();
    }
}
