package io.penstock.e2e;

import io.penstock.protocol.message.AlterSettingsRequest;
import io.penstock.protocol.message.DestinationSetting;
import io.penstock.protocol.message.OpenConnectionRequest;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.PrivateRequestHeader;
import io.penstock.protocol.message.PrivateResponseHeader;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Changes settings of destinations as the command line does. */
public final class SettingsClient {
    private SettingsClient() {}

    public static void set(int port, String pattern, String... settings) throws IOException {
        alter(
                port,
                Arrays.stream(settings)
                        .map(each -> each.split("=", 2))
                        .map(pair -> new DestinationSetting(pattern, pair[0], pair[1]))
                        .toList());
    }

    static void unset(int port, String pattern, String... keys) throws IOException {
        alter(
                port,
                Arrays.stream(keys)
                        .map(key -> new DestinationSetting(pattern, key, null))
                        .toList());
    }

    private static void alter(int port, List<DestinationSetting> changes) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            call(socket, 1, PenstockApi.OPEN_CONNECTION, new OpenConnectionRequest(null, null, null));
            call(socket, 2, PenstockApi.ALTER_SETTINGS, new AlterSettingsRequest(changes));
        }
    }

    private static void call(Socket socket, int id, PenstockApi api, PrivateMessage request) throws IOException {
        PrivateRequestHeader header = new PrivateRequestHeader(api.key(), (short) 0, id, "test");
        ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + header.sizeBytes() + request.sizeBytes());
        frame.putInt(frame.capacity() - Integer.BYTES);
        header.writeTo(frame);
        request.writeTo(frame);
        socket.getOutputStream().write(frame.array());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        PrivateResponseHeader result = PrivateResponseHeader.read(ByteBuffer.wrap(in.readNBytes(in.readInt())));
        if (result.error() != PenstockError.NONE) {
            throw new IOException(result.error() + ": " + result.message());
        }
    }
}
