package dev.palimpsest.images;

import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What is in a service's image, on top of a base with Java 17. From the bottom, what changes least first: the engine's libraries (one layer, the
 * same in all images), libraries, our own code. Files belong to root and are never written; a process without privileges writes to {@code /tmp}
 * and {@code /cache}, which are mounted.
 *
 * @param name of the image and of the module that it is made from
 * @param app the module's {@code target/quarkus-app}
 * @param work where the engine's libraries are unpacked
 */
record ServiceImage(String name, Path app, Path work) {
    /** Whoever runs it; the manifests say the same. */
    static final String USER = "10001:10001";

    static final String HOME = "/opt/palimpsest";
    static final String TORCH = HOME + "/torch";

    private static final String OURS = "dev.palimpsest.";

    /** Adds everything to a base. */
    JibContainerBuilder on(JibContainerBuilder base, Variant variant, String torch) throws IOException {
        Path libraries = app.resolve("lib/main");
        Optional<Path> natives = Natives.jar(libraries);
        if (natives.isPresent() && variant == Variant.CPU) {
            base.addFileEntriesLayer(natives(natives.get()));
        }
        FileEntriesLayer.Builder others = FileEntriesLayer.builder().setName("libraries");
        FileEntriesLayer.Builder ours = FileEntriesLayer.builder().setName("service");
        for (Path file : files(app)) {
            Path content = natives.isPresent() && file.equals(natives.get())
                    ? Natives.strip(file, work.resolve("stripped"))
                    : file;
            boolean library = file.startsWith(app.resolve("lib"))
                    && !file.getFileName().toString().startsWith(OURS);
            (library ? others : ours)
                    .addEntry(
                            content,
                            AbsoluteUnixPath.get(HOME + "/app")
                                    .resolve(app.relativize(file).toString()));
        }
        base.addFileEntriesLayer(others.build());
        base.addFileEntriesLayer(ours.build());
        return base.setUser(USER)
                .setWorkingDirectory(AbsoluteUnixPath.get("/tmp"))
                .setEntrypoint("java", "-jar", HOME + "/app/quarkus-run.jar")
                .setExposedPorts(Set.of(Port.tcp(8080)))
                .setEnvironment(natives.isPresent() ? environment(variant, torch) : Map.of())
                .setLabels(Map.of(
                        "org.opencontainers.image.title",
                        name + variant.suffix(),
                        "org.opencontainers.image.licenses",
                        "Apache-2.0"));
    }

    private static Map<String, String> environment(Variant variant, String torch) {
        Map<String, String> environment = new TreeMap<>();
        environment.put("PYTORCH_LIBRARY_PATH", torch);
        environment.put("PYTORCH_FLAVOR", variant.flavour());
        environment.put("DJL_OFFLINE", "true");
        environment.put("DJL_CACHE_DIR", "/cache/djl");
        return environment;
    }

    private FileEntriesLayer natives(Path jar) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName("engine");
        for (Path library : Natives.unpack(jar, work.resolve("torch"))) {
            layer.addEntry(
                    library,
                    AbsoluteUnixPath.get(TORCH).resolve(library.getFileName().toString()));
        }
        return layer.build();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
