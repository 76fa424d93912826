package io.penstock.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The classes of another JMS provider, from jars that the user names. They see the JDK, the interfaces of
 * {@code jakarta.jms} and slf4j of this program, and none of its other libraries, whose versions may be others than theirs.
 * The command's thread makes and closes it.
 */
final class ProviderJars extends URLClassLoader {

    /** What is shared: the interfaces that both sides speak, and the logger. */
    private static final class Shared extends ClassLoader {
        private Shared() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("jakarta.jms.") || name.startsWith("org.slf4j.")) {
                return ProviderJars.class.getClassLoader().loadClass(name);
            }
            throw new ClassNotFoundException(name);
        }
    }

    private ProviderJars(URL[] urls) {
        super("provider", urls, new Shared());
    }

    /** @param places jars, directories of jars, directories of classes */
    static ProviderJars of(List<Path> places) throws UsageException, IOException {
        List<URL> urls = new ArrayList<>();
        for (Path place : places) {
            if (!Files.exists(place)) {
                throw new UsageException("--jars " + place + " does not exist");
            }
            List<Path> jars = Files.isDirectory(place) ? jarsIn(place) : List.of(place);
            for (Path path : jars.isEmpty() ? List.of(place) : jars) {
                urls.add(path.toUri().toURL());
            }
        }
        return new ProviderJars(urls.toArray(URL[]::new));
    }

    private static List<Path> jarsIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public void close() {
        try {
            super.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
