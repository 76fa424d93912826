package io.penstock.cli;

import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An object of a {@code javax.jms} provider behind the interfaces of {@code jakarta.jms}, which have the same names and
 * methods. What it returns is bridged too, what it is given is taken out of its bridge, and its exceptions are translated. Any
 * thread, as the object itself.
 */
final class JavaxBridge implements InvocationHandler {
    private static final String JAVAX = "javax.jms.";
    private static final String JAKARTA = "jakarta.jms.";

    private final Object target;
    /** By simple name. */
    private final Map<String, Class<?>> interfaces;

    private JavaxBridge(Object target, Map<String, Class<?>> interfaces) {
        this.target = target;
        this.interfaces = interfaces;
    }

    /** The object itself when it has no interface of {@code javax.jms}; null for null. */
    static Object bridged(Object object) {
        if (object instanceof Enumeration<?> enumeration) {
            return bridged(enumeration);
        }
        Map<String, Class<?>> javax = new LinkedHashMap<>();
        for (Class<?> type = object == null ? null : object.getClass(); type != null; type = type.getSuperclass()) {
            collect(type, javax);
        }
        if (javax.isEmpty()) {
            return object;
        }
        Class<?>[] jakarta = javax.keySet().stream().map(JavaxBridge::jakarta).toArray(Class<?>[]::new);
        return Proxy.newProxyInstance(JavaxBridge.class.getClassLoader(), jakarta, new JavaxBridge(object, javax));
    }

    private static Enumeration<?> bridged(Enumeration<?> elements) {
        Iterator<?> iterator = elements.asIterator();
        return new Enumeration<>() {
            @Override
            public boolean hasMoreElements() {
                return iterator.hasNext();
            }

            @Override
            public Object nextElement() {
                return bridged(iterator.next());
            }
        };
    }

    private static void collect(Class<?> type, Map<String, Class<?>> found) {
        for (Class<?> each : type.getInterfaces()) {
            if (each.getName().startsWith(JAVAX)) {
                found.put(each.getSimpleName(), each);
            }
            collect(each, found);
        }
    }

    private static Class<?> jakarta(String simpleName) {
        try {
            return Class.forName(JAKARTA + simpleName);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("jakarta.jms has no " + simpleName + " as javax.jms has", e);
        }
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] args) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return method.getName().equals("equals")
                    ? (Object) target.equals(unbridged(args[0]))
                    : method.invoke(target, args);
        }
        Method counterpart = counterpart(method);
        Object[] given = args == null ? null : args.clone();
        for (int i = 0; given != null && i < given.length; i++) {
            given[i] = given[i] instanceof ExceptionListener listener
                    ? told(listener, counterpart.getParameterTypes()[i])
                    : unbridged(given[i]);
        }
        try {
            return bridged(counterpart.invoke(target, given));
        } catch (InvocationTargetException e) {
            throw translated(e.getCause());
        }
    }

    private Method counterpart(Method method) {
        Class<?>[] parameters = method.getParameterTypes();
        for (Class<?> type : interfaces.values()) {
            try {
                Class<?>[] types = parameters.clone();
                for (int i = 0; i < types.length; i++) {
                    if (types[i].getName().startsWith(JAKARTA)) {
                        types[i] = Class.forName(JAVAX + types[i].getSimpleName(), false, type.getClassLoader());
                    }
                }
                return type.getMethod(method.getName(), types);
            } catch (NoSuchMethodException | ClassNotFoundException e) {
                continue; // Another of the interfaces may have it.
            }
        }
        throw new UnsupportedOperationException(
                "the javax.jms of " + target.getClass().getName() + " has no " + method.getName());
    }

    private static Object unbridged(Object object) {
        return object != null
                        && Proxy.isProxyClass(object.getClass())
                        && Proxy.getInvocationHandler(object) instanceof JavaxBridge bridge
                ? bridge.target
                : object;
    }

    /** The only thing of ours that a provider calls. */
    private static Object told(ExceptionListener listener, Class<?> javaxType) {
        return Proxy.newProxyInstance(javaxType.getClassLoader(), new Class<?>[] {javaxType}, (proxy, method, args) -> {
            if (method.getDeclaringClass() == Object.class) {
                return method.getName().equals("equals") ? (Object) (proxy == args[0]) : method.invoke(listener, args);
            }
            listener.onException((JMSException) translated((Throwable) args[0]));
            return null;
        });
    }

    private static Throwable translated(Throwable thrown) {
        for (Class<?> type = thrown.getClass(); type != null; type = type.getSuperclass()) {
            if (type.getName().equals(JAVAX + "MessageEOFException")) {
                return caused(new jakarta.jms.MessageEOFException(thrown.getMessage()), thrown);
            } else if (type.getName().equals(JAVAX + "JMSException")) {
                return caused(new JMSException(thrown.getMessage()), thrown);
            }
        }
        return thrown;
    }

    private static JMSException caused(JMSException exception, Throwable cause) {
        exception.initCause(cause);
        return exception;
    }
}
