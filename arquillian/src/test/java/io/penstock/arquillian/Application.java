package io.penstock.arquillian;

import io.penstock.arquillian.app.Journal;
import jakarta.ejb.MessageDriven;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.EmptyAsset;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** An application in the server, as seen from outside. Closed by nobody: it holds nothing. */
final class Application {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    private final URI address;

    Application(URI address) {
        this.address = address;
    }

    /** A war of these classes and the journal, bound for the server of this run. */
    static WebArchive war(String name, Class<?>... classes) {
        WebArchive war = ShrinkWrap.create(WebArchive.class, name + ".war")
                .addClasses(Journal.class)
                .addClasses(classes)
                .addAsWebInfResource(EmptyAsset.INSTANCE, "beans.xml");
        List<Class<?>> messageDriven = new ArrayList<>();
        for (Class<?> each : classes) {
            if (each.isAnnotationPresent(MessageDriven.class)) {
                messageDriven.add(each);
            }
        }
        return ApplicationServer.current().bind(war, messageDriven);
    }

    /** Calls a servlet with parameters, name and value by turns, and returns what it says. */
    String call(String path, String... parameters) {
        StringBuilder query = new StringBuilder(path);
        for (int i = 0; i < parameters.length; i += 2) {
            query.append(i == 0 ? '?' : '&').append(parameters[i]).append('=');
            query.append(URLEncoder.encode(parameters[i + 1], StandardCharsets.UTF_8));
        }
        return exchange(HttpRequest.newBuilder(address.resolve(query.toString())));
    }

    /** Whether it is there: not while it starts. */
    boolean answers(String path) {
        try {
            call(path);
            return true;
        } catch (AssertionError | UncheckedIOException e) {
            return false;
        }
    }

    /** Calls a servlet as often at once, and waits for all. */
    void callAtOnce(String path, int calls) {
        HttpRequest request = HttpRequest.newBuilder(address.resolve(path))
                .timeout(Duration.ofSeconds(60))
                .build();
        Stream.generate(() -> HTTP.sendAsync(request, HttpResponse.BodyHandlers.discarding()))
                .limit(calls)
                .toList()
                .forEach(CompletableFuture::join);
    }

    String post(String path, String json) {
        return exchange(HttpRequest.newBuilder(address.resolve(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private static String exchange(HttpRequest.Builder builder) {
        HttpRequest request = builder.timeout(Duration.ofSeconds(120)).build();
        try {
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new AssertionError(request + ": " + response.statusCode() + "\n" + response.body());
            }
            return response.body();
        } catch (IOException e) {
            throw new UncheckedIOException(request.toString(), e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What the application's beans have noted, in that order. */
    List<String> journal() {
        return call("journal").lines().toList();
    }

    /** Those of the lines that begin so, once there are as many. */
    List<String> awaitJournal(String prefix, int lines) {
        Await.until(lines + " lines of " + prefix, () -> journalOf(prefix).size() >= lines);
        return journalOf(prefix);
    }

    List<String> journalOf(String prefix) {
        return journal().stream().filter(line -> line.startsWith(prefix)).toList();
    }
}
