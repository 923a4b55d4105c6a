package dev.palimpsest.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * The engine's native libraries, which come packed in a jar and would be unpacked by every process when it starts. In an image they lie unpacked
 * in a layer; of the jar only what names its version is left.
 */
final class Natives {
    private static final String JAR = "ai.djl.pytorch.pytorch-native-cpu-.*\\.jar";
    private static final String LIBRARIES = "pytorch/cpu/linux-x86_64/";
    private static final String VERSION = "native/lib/pytorch.properties";

    private Natives() {}

    /** The jar among a service's libraries; empty for a service without engine. */
    static Optional<Path> jar(Path libraries) throws IOException {
        try (Stream<Path> files = Files.list(libraries)) {
            return files.filter(file -> file.getFileName().toString().matches(JAR))
                    .findFirst();
        }
    }

    /** Unpacks the libraries into a folder and returns them in the order of their names. */
    static List<Path> unpack(Path jar, Path folder) throws IOException {
        Files.createDirectories(folder);
        try (JarFile file = new JarFile(jar.toFile())) {
            for (JarEntry entry : file.stream().toList()) {
                String name = entry.getName();
                if (name.startsWith(LIBRARIES) && !entry.isDirectory()) {
                    Path library = folder.resolve(name.substring(LIBRARIES.length()));
                    try (InputStream in = file.getInputStream(entry)) {
                        Files.copy(in, library, StandardCopyOption.REPLACE_EXISTING);
                    }
                }
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    /** Writes the jar without its libraries, the same bytes each time. */
    static Path strip(Path jar, Path folder) throws IOException {
        Files.createDirectories(folder);
        Path stripped = folder.resolve(jar.getFileName());
        try (JarFile file = new JarFile(jar.toFile());
                InputStream version = file.getInputStream(file.getEntry(VERSION));
                JarOutputStream out = new JarOutputStream(Files.newOutputStream(stripped))) {
            JarEntry entry = new JarEntry(VERSION);
            entry.setTime(0);
            out.putNextEntry(entry);
            version.transferTo(out);
            out.closeEntry();
        }
        return stripped;
    }
}
