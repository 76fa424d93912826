package io.penstock.jms.jndi;

import java.util.Hashtable;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import javax.naming.Binding;
import javax.naming.CompositeName;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.NameParser;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.NotContextException;
import javax.naming.OperationNotSupportedException;

/** What was configured, under its names; a slash makes a subcontext. Immutable. */
@SuppressWarnings(
        "BanJNDI") // It is a Context itself: it looks up in its own map, and nothing is fetched or deserialised.
final class ReadOnlyContext implements Context {
    private static final String DYNAMIC_QUEUES = "dynamicQueues/";
    private static final String DYNAMIC_TOPICS = "dynamicTopics/";

    private final Map<String, Object> bindings;
    private final Hashtable<Object, Object> environment = new Hashtable<>();
    private final String prefix;

    ReadOnlyContext(Map<String, Object> bindings, Hashtable<?, ?> environment) {
        this(bindings, environment, "");
    }

    private ReadOnlyContext(Map<String, Object> bindings, Hashtable<?, ?> environment, String prefix) {
        this.bindings = bindings;
        this.prefix = prefix;
        if (environment != null) {
            this.environment.putAll(environment);
        }
    }

    @Override
    public Object lookup(String name) throws NamingException {
        String full = prefix + name;
        Object bound = bindings.get(full);
        if (bound != null) {
            return bound;
        }
        if (name.isEmpty()) {
            return this;
        }
        if (full.startsWith(DYNAMIC_QUEUES) && full.length() > DYNAMIC_QUEUES.length()) {
            return NamedDestinations.queue(full.substring(DYNAMIC_QUEUES.length()));
        }
        if (full.startsWith(DYNAMIC_TOPICS) && full.length() > DYNAMIC_TOPICS.length()) {
            return NamedDestinations.topic(full.substring(DYNAMIC_TOPICS.length()));
        }
        if (isContext(full)) {
            return new ReadOnlyContext(bindings, environment, full + "/");
        }
        NameNotFoundException missing = new NameNotFoundException(
                "nothing is bound to '" + full + "'; there are connectionFactory.NAME, queue.NAME and topic.NAME in the"
                        + " environment, and dynamicQueues/NAME and dynamicTopics/NAME");
        missing.setRemainingName(new CompositeName(full));
        throw missing;
    }

    private boolean isContext(String full) {
        return full.equals("dynamicQueues")
                || full.equals("dynamicTopics")
                || bindings.keySet().stream().anyMatch(name -> name.startsWith(full + "/"));
    }

    @Override
    public Object lookup(Name name) throws NamingException {
        return lookup(name.toString());
    }

    @Override
    public Object lookupLink(Name name) throws NamingException {
        return lookup(name);
    }

    @Override
    public Object lookupLink(String name) throws NamingException {
        return lookup(name);
    }

    // ---- listing

    private Map<String, Object> children(String name) throws NamingException {
        Object found = lookup(name);
        if (!(found instanceof ReadOnlyContext context)) {
            throw new NotContextException(
                    "'" + name + "' is bound to a " + found.getClass().getSimpleName());
        }
        Map<String, Object> children = new TreeMap<>();
        for (Map.Entry<String, Object> entry : bindings.entrySet()) {
            if (entry.getKey().startsWith(context.prefix)) {
                String rest = entry.getKey().substring(context.prefix.length());
                int slash = rest.indexOf('/');
                String child = slash < 0 ? rest : rest.substring(0, slash);
                children.putIfAbsent(child, context.lookup(child));
            }
        }
        return children;
    }

    @Override
    public NamingEnumeration<NameClassPair> list(String name) throws NamingException {
        Iterator<Map.Entry<String, Object>> all = children(name).entrySet().iterator();
        return new Listing<>(all) {
            @Override
            NameClassPair item(String child, Object bound) {
                return new NameClassPair(child, bound.getClass().getName());
            }
        };
    }

    @Override
    public NamingEnumeration<NameClassPair> list(Name name) throws NamingException {
        return list(name.toString());
    }

    @Override
    public NamingEnumeration<Binding> listBindings(String name) throws NamingException {
        Iterator<Map.Entry<String, Object>> all = children(name).entrySet().iterator();
        return new Listing<>(all) {
            @Override
            Binding item(String child, Object bound) {
                return new Binding(child, bound.getClass().getName(), bound);
            }
        };
    }

    @Override
    public NamingEnumeration<Binding> listBindings(Name name) throws NamingException {
        return listBindings(name.toString());
    }

    private abstract static class Listing<T> implements NamingEnumeration<T> {
        private final Iterator<Map.Entry<String, Object>> all;

        Listing(Iterator<Map.Entry<String, Object>> all) {
            this.all = all;
        }

        abstract T item(String child, Object bound);

        @Override
        public boolean hasMore() {
            return all.hasNext();
        }

        @Override
        public boolean hasMoreElements() {
            return all.hasNext();
        }

        @Override
        public T next() {
            Map.Entry<String, Object> entry = all.next();
            return item(entry.getKey(), entry.getValue());
        }

        @Override
        public T nextElement() {
            return next();
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    }

    // ---- names

    @Override
    public NameParser getNameParser(Name name) {
        return CompositeName::new;
    }

    @Override
    public NameParser getNameParser(String name) {
        return CompositeName::new;
    }

    @Override
    public Name composeName(Name name, Name before) throws NamingException {
        return ((Name) before.clone()).addAll(name);
    }

    @Override
    public String composeName(String name, String before) throws NamingException {
        return composeName(new CompositeName(name), new CompositeName(before)).toString();
    }

    @Override
    public String getNameInNamespace() {
        return prefix;
    }

    // ---- environment

    @Override
    public Object addToEnvironment(String name, Object value) {
        return environment.put(name, value);
    }

    @Override
    public Object removeFromEnvironment(String name) {
        return environment.remove(name);
    }

    @Override
    public Hashtable<?, ?> getEnvironment() {
        return new Hashtable<>(environment);
    }

    @Override
    public void close() {
        // It holds nothing.
    }

    // ---- writing

    private static OperationNotSupportedException readOnly() {
        return new OperationNotSupportedException("this context is made of properties and cannot be changed");
    }

    @Override
    public void bind(Name name, Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void bind(String name, Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rebind(Name name, Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rebind(String name, Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void unbind(Name name) throws NamingException {
        throw readOnly();
    }

    @Override
    public void unbind(String name) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rename(Name from, Name to) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rename(String from, String to) throws NamingException {
        throw readOnly();
    }

    @Override
    public void destroySubcontext(Name name) throws NamingException {
        throw readOnly();
    }

    @Override
    public void destroySubcontext(String name) throws NamingException {
        throw readOnly();
    }

    @Override
    public Context createSubcontext(Name name) throws NamingException {
        throw readOnly();
    }

    @Override
    public Context createSubcontext(String name) throws NamingException {
        throw readOnly();
    }
}
