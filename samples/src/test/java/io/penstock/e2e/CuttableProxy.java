package io.penstock.e2e;

import io.penstock.jms.PenstockConnectionFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Passes bytes on between clients and the broker, until the test cuts all connections in the middle of whatever it is. */
final class CuttableProxy implements AutoCloseable {
    private final ServerSocket server;
    private final int brokerPort;
    private final List<Socket> sockets = new ArrayList<>();

    CuttableProxy(int brokerPort) throws IOException {
        this.brokerPort = brokerPort;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    PenstockConnectionFactory factory(String... options) {
        return new PenstockConnectionFactory("penstock://127.0.0.1:" + server.getLocalPort()
                + (options.length == 0 ? "" : "?" + String.join("&", options)));
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "cuttable-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Socket broker;
                try {
                    broker = new Socket(InetAddress.getLoopbackAddress(), brokerPort);
                } catch (IOException e) {
                    client.close(); // As a broker that is away.
                    continue;
                }
                client.setTcpNoDelay(true);
                broker.setTcpNoDelay(true);
                synchronized (sockets) {
                    sockets.add(client);
                    sockets.add(broker);
                }
                start(() -> pass(client, broker));
                start(() -> pass(broker, client));
            } catch (IOException e) {
                return; // Closed.
            }
        }
    }

    private static void pass(Socket from, Socket to) {
        byte[] bytes = new byte[16 * 1024];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int read = in.read(bytes); read > 0; read = in.read(bytes)) {
                out.write(bytes, 0, read);
            }
        } catch (IOException e) {
            // Cut: both ends see it.
        }
    }

    /** All connections of now end. */
    void cut() throws IOException {
        synchronized (sockets) {
            for (Socket socket : sockets) {
                socket.close();
            }
            sockets.clear();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}
