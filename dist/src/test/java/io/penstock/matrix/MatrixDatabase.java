package io.penstock.matrix;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.XAConnection;
import org.apache.derby.jdbc.EmbeddedXADataSource;

/** A database in a directory, inside of this process: one table of the orders that were carried out. One thread. */
final class MatrixDatabase implements AutoCloseable {
    private final EmbeddedXADataSource source = new EmbeddedXADataSource();
    private final XAConnection connection;

    /** @param directory made, with the table, if it is not there */
    MatrixDatabase(Path directory) throws SQLException {
        System.setProperty("derby.stream.error.file", directory + ".log");
        boolean made = !directory.toFile().exists();
        source.setDatabaseName(directory.toString());
        source.setCreateDatabase("create");
        connection = source.getXAConnection();
        if (made) {
            try (Connection plain = connection.getConnection();
                    Statement statement = plain.createStatement()) {
                statement.execute("create table done (number int not null primary key)");
            }
        }
    }

    XAConnection connection() {
        return connection;
    }

    static void insert(Connection connection, int number) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into done values (?)")) {
            insert.setInt(1, number);
            insert.executeUpdate();
        }
    }

    /** All rows; one that is in doubt would be waited for, up to Derby's limit for locks. */
    List<Integer> rows() throws SQLException {
        XAConnection own = source.getXAConnection();
        try (Connection plain = own.getConnection();
                Statement statement = plain.createStatement();
                ResultSet rows = statement.executeQuery("select number from done order by number")) {
            List<Integer> numbers = new ArrayList<>();
            while (rows.next()) {
                numbers.add(rows.getInt(1));
            }
            return numbers;
        } finally {
            own.close();
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
