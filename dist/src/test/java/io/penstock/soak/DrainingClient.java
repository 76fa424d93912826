package io.penstock.soak;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A process that drains a queue with a listener, in AUTO, and writes the number of each message it is handed to a file by a
 * write of its own, which outlives SIGKILL. Arguments: url, queue, file.
 */
final class DrainingClient {
    private DrainingClient() {}

    public static void main(String[] args) throws Exception {
        FileChannel file = FileChannel.open(Path.of(args[2]), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        ByteBuffer number = ByteBuffer.allocateDirect(Integer.BYTES);
        Connection connection = new PenstockConnectionFactory(args[0]).createConnection();
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        session.createConsumer(session.createQueue(args[1]))
                .setMessageListener(message -> write(message, number, file));
        connection.start();
        Thread.currentThread().join();
    }

    private static void write(Message message, ByteBuffer number, FileChannel file) {
        try {
            file.write(number.clear()
                    .putInt(message.getIntProperty(DrainKillIT.NUMBER))
                    .flip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
