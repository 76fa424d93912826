package io.penstock.samples.orders;

import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.util.List;

/** Orders by REST. */
@Path("/orders")
@RequestScoped
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
public class OrderResource {
    @EJB
    private OrderDesk desk;

    @EJB
    private OrderStore store;

    /** Answers when the order is stored and sent; it is worked off later. */
    @POST
    public Order place(Order order) throws SQLException {
        return desk.place(order.getItem(), order.getQuantity());
    }

    @GET
    @Path("/{id}")
    public Order order(@PathParam("id") String id) throws SQLException {
        return store.find(id).orElseThrow(NotFoundException::new);
    }

    /** What the listeners of the topic have heard of an order. */
    @GET
    @Path("/{id}/events")
    public List<String> events(@PathParam("id") String id) throws SQLException {
        return store.events(id);
    }
}
