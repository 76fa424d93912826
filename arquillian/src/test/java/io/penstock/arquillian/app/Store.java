package io.penstock.arquillian.app;

import jakarta.annotation.Resource;
import jakarta.ejb.EJBContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import jakarta.jms.JMSContext;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;

/** A database and a queue in one transaction. */
@Stateless
public class Store {
    @Inject
    private JMSContext context;

    @Resource(lookup = "java:comp/DefaultDataSource")
    private DataSource database;

    @Resource
    private EJBContext ejb;

    /** Outside of all transactions, where a database takes DDL. */
    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public void createTable() throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement =
                        connection.prepareStatement("create table if not exists notes (text varchar(200))")) {
            statement.execute();
        }
    }

    /** The resource that is named first has the first branch. */
    public void insertAndSend(String text, String queue, boolean queueFirst, boolean rollBack) throws SQLException {
        if (queueFirst) {
            send(text, queue);
            insert(text);
        } else {
            insert(text);
            send(text, queue);
        }
        if (rollBack) {
            ejb.setRollbackOnly();
        }
    }

    public void insert(String text) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("insert into notes values (?)")) {
            statement.setString(1, text);
            statement.executeUpdate();
        }
    }

    private void send(String text, String queue) {
        context.createProducer().send(context.createQueue(queue), text);
    }

    public int count(String text) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement =
                        connection.prepareStatement("select count(*) from notes where text = ?")) {
            statement.setString(1, text);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }
}
