package io.penstock.jms.message;

import io.penstock.protocol.jms.BodyKind;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatchBuilder;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;

/** Bytes; in its record the same bytes. A read that fails leaves the pointer where it was. */
public final class PenstockBytesMessage extends PenstockMessage implements BytesMessage {
    /** While it is being written, else null. */
    private SpillingBytes written;

    private DataOutputStream out;
    /** While it can be read: the whole body from 0, and the pointer as its position. */
    private ByteBuffer content;

    public PenstockBytesMessage() {
        beginWriting();
    }

    private void beginWriting() {
        written = new SpillingBytes();
        out = new DataOutputStream(written);
        content = null;
    }

    @Override
    BodyKind kind() {
        return BodyKind.BYTES;
    }

    @Override
    void receivedBody(ByteBuffer value, Record record) {
        content = value != null ? value : ByteBuffer.allocate(0);
        written = null;
        out = null;
    }

    @Override
    String writeValue(RecordBatchBuilder dst) throws JMSException {
        dst.value(bytes());
        return null;
    }

    @Override
    EncodedBody encodedFrom(int bytes) throws JMSException {
        long size = content != null ? content.limit() : written.size();
        return size < bytes ? null : new EncodedBody(bytes(), null);
    }

    /** The whole body; no copy. */
    private ByteBuffer bytes() throws JMSException {
        try {
            return content != null ? content.duplicate().rewind() : written.view();
        } catch (IOException e) {
            throw LargeBody.spilling(e);
        }
    }

    @Override
    void forgetBody() {
        beginWriting();
    }

    @Override
    public void reset() throws JMSException {
        fetchBody();
        if (content == null) {
            content = bytes();
            try {
                written.close();
            } catch (IOException e) {
                throw LargeBody.spilling(e);
            }
            written = null;
            out = null;
        }
        content.rewind();
        bodyReadOnly(true);
    }

    /** Leaves the message reset, as the interface asks; null when there are no bytes. */
    @Override
    Object body() throws JMSException {
        reset();
        if (content.limit() == 0) {
            return null;
        }
        byte[] bytes = new byte[content.limit()];
        content.get(0, bytes);
        return bytes;
    }

    @Override
    Class<?> bodyClass() {
        long length = content != null ? content.limit() : written.size();
        return length == 0 ? null : byte[].class;
    }

    private ByteBuffer readable(int bytes) throws JMSException {
        fetchBody();
        if (content == null) {
            throw new MessageNotReadableException("the body is being written; reset() makes it readable");
        }
        if (content.remaining() < bytes) {
            throw new MessageEOFException(bytes + " bytes wanted, " + content.remaining() + " are left");
        }
        return content;
    }

    @Override
    public long getBodyLength() throws JMSException {
        return readable(0).limit();
    }

    @Override
    public boolean readBoolean() throws JMSException {
        return readable(1).get() != 0;
    }

    @Override
    public byte readByte() throws JMSException {
        return readable(1).get();
    }

    @Override
    public int readUnsignedByte() throws JMSException {
        return readable(1).get() & 0xff;
    }

    @Override
    public short readShort() throws JMSException {
        return readable(Short.BYTES).getShort();
    }

    @Override
    public int readUnsignedShort() throws JMSException {
        return readable(Short.BYTES).getShort() & 0xffff;
    }

    @Override
    public char readChar() throws JMSException {
        return readable(Character.BYTES).getChar();
    }

    @Override
    public int readInt() throws JMSException {
        return readable(Integer.BYTES).getInt();
    }

    @Override
    public long readLong() throws JMSException {
        return readable(Long.BYTES).getLong();
    }

    @Override
    public float readFloat() throws JMSException {
        return readable(Float.BYTES).getFloat();
    }

    @Override
    public double readDouble() throws JMSException {
        return readable(Double.BYTES).getDouble();
    }

    /** Java's own modified UTF-8 behind a length of two bytes. */
    @Override
    public String readUTF() throws JMSException {
        ByteBuffer src = readable(Short.BYTES);
        int length = Short.BYTES + (src.getShort(src.position()) & 0xffff);
        byte[] bytes = new byte[length];
        readable(length).get(src.position(), bytes);
        try {
            String text = new DataInputStream(new ByteArrayInputStream(bytes)).readUTF();
            src.position(src.position() + length);
            return text;
        } catch (IOException e) {
            throw caused(new MessageFormatException("no text in modified UTF-8 stands here"), e);
        }
    }

    @Override
    public int readBytes(byte[] value) throws JMSException {
        return readBytes(value, value.length);
    }

    @Override
    public int readBytes(byte[] value, int length) throws JMSException {
        ByteBuffer src = readable(0);
        if (length < 0 || length > value.length) {
            throw new IndexOutOfBoundsException(length + " bytes into an array of " + value.length);
        }
        if (length > 0 && !src.hasRemaining()) {
            return -1;
        }
        int read = Math.min(length, src.remaining());
        src.get(value, 0, read);
        return read;
    }

    /** Something that writes, and can only fail as {@link DataOutputStream} declares it. */
    private interface Write {
        void to(DataOutputStream dst) throws IOException;
    }

    private void write(Write write) throws JMSException {
        checkBodyWriteable();
        try {
            write.to(out);
        } catch (UTFDataFormatException e) {
            throw caused(new MessageFormatException("writeUTF takes 65535 bytes of UTF-8 at most"), e);
        } catch (IOException e) {
            throw caused(new JMSException("the body could not be written: " + e.getMessage()), e);
        }
    }

    private static JMSException caused(JMSException exception, IOException cause) {
        exception.initCause(cause);
        exception.setLinkedException(cause);
        return exception;
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        write(dst -> dst.writeBoolean(value));
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        write(dst -> dst.writeByte(value));
    }

    @Override
    public void writeShort(short value) throws JMSException {
        write(dst -> dst.writeShort(value));
    }

    @Override
    public void writeChar(char value) throws JMSException {
        write(dst -> dst.writeChar(value));
    }

    @Override
    public void writeInt(int value) throws JMSException {
        write(dst -> dst.writeInt(value));
    }

    @Override
    public void writeLong(long value) throws JMSException {
        write(dst -> dst.writeLong(value));
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        write(dst -> dst.writeFloat(value));
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        write(dst -> dst.writeDouble(value));
    }

    @Override
    public void writeUTF(String value) throws JMSException {
        write(dst -> dst.writeUTF(value));
    }

    @Override
    public void writeBytes(byte[] value) throws JMSException {
        write(dst -> dst.write(value));
    }

    @Override
    public void writeBytes(byte[] value, int offset, int length) throws JMSException {
        write(dst -> dst.write(value, offset, length));
    }

    @Override
    public void writeObject(Object value) throws JMSException {
        if (value == null) {
            throw new NullPointerException("null has no bytes");
        } else if (value instanceof Boolean flag) {
            writeBoolean(flag);
        } else if (value instanceof Byte number) {
            writeByte(number);
        } else if (value instanceof Short number) {
            writeShort(number);
        } else if (value instanceof Character character) {
            writeChar(character);
        } else if (value instanceof Integer number) {
            writeInt(number);
        } else if (value instanceof Long number) {
            writeLong(number);
        } else if (value instanceof Float number) {
            writeFloat(number);
        } else if (value instanceof Double number) {
            writeDouble(number);
        } else if (value instanceof String text) {
            writeUTF(text);
        } else if (value instanceof byte[] bytes) {
            writeBytes(bytes);
        } else {
            throw new MessageFormatException("a BytesMessage cannot hold a "
                    + value.getClass().getName() + "; boxed primitives, String and byte[] are allowed");
        }
    }
}
