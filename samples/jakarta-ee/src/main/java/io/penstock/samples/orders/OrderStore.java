package io.penstock.samples.orders;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.ejb.ConcurrencyManagement;
import jakarta.ejb.ConcurrencyManagementType;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** The tables, in the server's default data source. Has no state of its own, so that any thread may call it. */
@Startup
@Singleton
@ConcurrencyManagement(ConcurrencyManagementType.BEAN)
public class OrderStore {
    @Resource(lookup = "java:comp/DefaultDataSource")
    private DataSource database;

    @PostConstruct
    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    void createTables() {
        try {
            update("create table if not exists orders"
                    + " (id varchar(36) primary key, item varchar(100), quantity int, status varchar(20))");
            update("create table if not exists order_events (id varchar(36), event varchar(100))");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public void insert(Order order) throws SQLException {
        update(
                "insert into orders values (?, ?, ?, ?)",
                order.getId(),
                order.getItem(),
                order.getQuantity(),
                order.getStatus());
    }

    public void setStatus(String id, String status) throws SQLException {
        update("update orders set status = ? where id = ?", status, id);
    }

    public void addEvent(String id, String event) throws SQLException {
        update("insert into order_events values (?, ?)", id, event);
    }

    public Optional<Order> find(String id) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement query =
                        connection.prepareStatement("select item, quantity, status from orders where id = ?")) {
            query.setString(1, id);
            try (ResultSet row = query.executeQuery()) {
                return row.next()
                        ? Optional.of(new Order(id, row.getString(1), row.getInt(2), row.getString(3)))
                        : Optional.empty();
            }
        }
    }

    public List<String> events(String id) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement query =
                        connection.prepareStatement("select event from order_events where id = ? order by event")) {
            query.setString(1, id);
            try (ResultSet rows = query.executeQuery()) {
                List<String> events = new ArrayList<>();
                while (rows.next()) {
                    events.add(rows.getString(1));
                }
                return events;
            }
        }
    }

    private void update(String sql, Object... values) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }
}
