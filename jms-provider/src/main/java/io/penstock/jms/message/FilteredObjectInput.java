package io.penstock.jms.message;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.lang.reflect.Proxy;

/** Reads an object with the application's classes: the thread's context class loader first, then this library's. */
final class FilteredObjectInput extends ObjectInputStream {
    private final DeserializationPolicy policy;
    private String refused;

    FilteredObjectInput(byte[] body, DeserializationPolicy policy) throws IOException {
        super(new ByteArrayInputStream(body));
        this.policy = policy;
        setObjectInputFilter(policy.filter(body.length));
    }

    /** The class that the policy does not allow, or null. */
    String refused() {
        return refused;
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
        Class<?> type = load(description);
        if (!policy.allows(type)) {
            refused = type.getName();
        }
        return type;
    }

    private Class<?> load(ObjectStreamClass description) throws IOException, ClassNotFoundException {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context != null) {
            try {
                return Class.forName(description.getName(), false, context);
            } catch (ClassNotFoundException e) {
                // Perhaps this library's own loader knows it, or it is a primitive type.
            }
        }
        return super.resolveClass(description);
    }

    @Override
    protected Class<?> resolveProxyClass(String[] interfaces) throws IOException, ClassNotFoundException {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context == null) {
            return super.resolveProxyClass(interfaces);
        }
        Class<?>[] types = new Class<?>[interfaces.length];
        for (int i = 0; i < interfaces.length; i++) {
            types[i] = Class.forName(interfaces[i], false, context);
            if (!policy.allows(types[i])) {
                refused = interfaces[i];
                throw new java.io.InvalidClassException(interfaces[i], "not allowed");
            }
        }
        @SuppressWarnings("deprecation") // The replacement makes an instance, which is not wanted here.
        Class<?> proxy = Proxy.getProxyClass(context, types);
        return proxy;
    }
}
