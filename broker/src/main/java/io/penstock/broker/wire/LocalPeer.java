package io.penstock.broker.wire;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Who has connected to the broker's socket file: such a client has no address, but perhaps a process. */
final class LocalPeer extends SocketAddress {
    private static final long serialVersionUID = 1L;

    private final String text;

    private LocalPeer(String text) {
        this.text = text;
    }

    /** The other end of a channel; never null, so that it can be told even when the channel has gone. */
    static SocketAddress of(Channel channel) {
        SocketAddress address = channel.remoteAddress();
        return channel.parent() == null || channel.parent().localAddress() instanceof InetSocketAddress
                ? address
                : new LocalPeer(text(channel));
    }

    private static String text(Channel channel) {
        if (channel instanceof EpollDomainSocketChannel socket) {
            try {
                PeerCredentials peer = socket.peerCredentials();
                return "process " + peer.pid() + " of user " + peer.uid();
            } catch (IOException e) {
                return "a process that has ended";
            }
        }
        return "a process of this host";
    }

    @Override
    public String toString() {
        return text;
    }
}
