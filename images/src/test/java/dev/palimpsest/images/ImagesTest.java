package dev.palimpsest.images;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Builds all images from nothing, of a tree that is laid out as the real one, and reads the tar files. */
class ImagesTest {
    private static final Path REPOSITORY = Path.of("..");
    private static final String ENGINE = "ai.djl.pytorch.pytorch-native-cpu-2.7.1-linux-x86_64.jar";

    @TempDir
    static Path folder;

    private static final Map<String, Image> images = new TreeMap<>();

    /** Of a docker archive: its configuration, and the files of each layer by the layer's name. */
    private record Image(JsonNode config, Map<String, List<TarArchiveEntry>> layers) {
        List<TarArchiveEntry> files() {
            return layers.values().stream()
                    .flatMap(List::stream)
                    .filter(TarArchiveEntry::isFile)
                    .toList();
        }

        List<String> names() {
            return files().stream().map(TarArchiveEntry::getName).toList();
        }

        String environment(String name) {
            for (JsonNode variable : config.at("/config/Env")) {
                if (variable.asText().startsWith(name + "=")) {
                    return variable.asText().substring(name.length() + 1);
                }
            }
            return "";
        }
    }

    @BeforeAll
    static void build() throws Exception {
        for (String service : Images.SERVICES) {
            Path app = folder.resolve(service).resolve("target/quarkus-app");
            file(app.resolve("quarkus-run.jar"), "run");
            file(app.resolve("app/" + service + ".jar"), service);
            file(app.resolve("quarkus/generated-bytecode.jar"), service);
            file(app.resolve("lib/boot/org.jboss.logging.jar"), "library");
            file(app.resolve("lib/main/com.example.library.jar"), "library");
            file(app.resolve("lib/main/dev.palimpsest.palimpsest-contracts.jar"), "ours");
            if (!service.equals("gateway")) {
                engine(app.resolve("lib/main").resolve(ENGINE));
            }
        }
        int exit = new CommandLine(new Images())
                .execute(
                        "--base=scratch",
                        "--cuda-base=scratch",
                        "--cuda-torch=/usr/lib/torch",
                        "--repository=" + folder,
                        "--out=" + folder.resolve("out"));
        assertThat(exit).isZero();
        try (Stream<Path> files = Files.list(folder.resolve("out"))) {
            for (Path tar : files.toList()) {
                images.put(tar.getFileName().toString().replace(".tar", ""), read(tar));
            }
        }
    }

    @Test
    void thereIsOneForEveryNameInTheManifestsAndNoOther() throws IOException {
        List<String> named = new ArrayList<>();
        for (String file : List.of(
                "base/gateway.yaml",
                "base/embed.yaml",
                "base/reconstruct.yaml",
                "base/select.yaml",
                "base/invert.yaml",
                "components/gpu/kustomization.yaml")) {
            Matcher name = Pattern.compile("(?:image|newName): palimpsest/(\\S+)")
                    .matcher(Files.readString(REPOSITORY.resolve("k8s").resolve(file)));
            while (name.find()) {
                named.add(name.group(1));
            }
        }
        assertThat(images.keySet()).containsExactlyInAnyOrderElementsOf(named);
    }

    @Test
    void theEngineIsOneLayerThatAllShareAndIsInNoOther() {
        List<String> withEngine = List.of("embed-service", "reconstruct-service", "select-service", "invert-service");
        List<String> bottom = withEngine.stream()
                .map(name -> images.get(name).layers().keySet().iterator().next())
                .distinct()
                .toList();
        assertThat(bottom).hasSize(1);
        for (String name : withEngine) {
            Image image = images.get(name);
            assertThat(image.layers().get(bottom.get(0)))
                    .filteredOn(TarArchiveEntry::isFile)
                    .extracting(TarArchiveEntry::getName)
                    .containsExactly("opt/palimpsest/torch/libc10.so", "opt/palimpsest/torch/libtorch_cpu.so");
            assertThat(image.environment("PYTORCH_LIBRARY_PATH")).isEqualTo("/opt/palimpsest/torch");
            assertThat(image.environment("PYTORCH_FLAVOR")).isEqualTo("cpu");
            assertThat(image.files())
                    .filteredOn(file -> file.getName().endsWith(ENGINE))
                    .singleElement()
                    .satisfies(jar -> assertThat(jar.getSize()).isLessThan(1000));
        }
        assertThat(images.get("gateway").names()).noneMatch(name -> name.contains("torch"));
        assertThat(images.get("gateway").environment("PYTORCH_LIBRARY_PATH")).isEmpty();
    }

    @Test
    void anImageForCudaTakesTheEngineOfItsBase() {
        for (String name : List.of("reconstruct-service-cuda", "invert-service-cuda")) {
            Image image = images.get(name);
            assertThat(image.names()).noneMatch(file -> file.endsWith(".so"));
            assertThat(image.environment("PYTORCH_LIBRARY_PATH")).isEqualTo("/usr/lib/torch");
            assertThat(image.environment("PYTORCH_FLAVOR")).isEqualTo("cu128");
        }
    }

    @Test
    void everythingOfTheServiceIsThereAndOurCodeIsOnTop() {
        Image image = images.get("invert-service");
        assertThat(image.names())
                .contains(
                        "opt/palimpsest/app/quarkus-run.jar",
                        "opt/palimpsest/app/app/invert-service.jar",
                        "opt/palimpsest/app/quarkus/generated-bytecode.jar",
                        "opt/palimpsest/app/lib/boot/org.jboss.logging.jar",
                        "opt/palimpsest/app/lib/main/com.example.library.jar");
        assertThat(image.layers()).hasSize(3);
        List<List<TarArchiveEntry>> layers = new ArrayList<>(image.layers().values());
        assertThat(layers.get(1)).noneMatch(entry -> entry.getName().contains("dev.palimpsest"));
        assertThat(layers.get(2)).noneMatch(entry -> entry.getName().contains("com.example"));
        assertThat(image.config().at("/config/Entrypoint").toString())
                .isEqualTo("[\"java\",\"-jar\",\"/opt/palimpsest/app/quarkus-run.jar\"]");
    }

    @Test
    void itRunsWithoutPrivilegesOnFilesThatItCannotChange() throws IOException {
        String pod = Files.readString(REPOSITORY.resolve("k8s/base/every-service.yaml"));
        assertThat(images).isNotEmpty().allSatisfy((name, image) -> {
            String user = image.config().at("/config/User").asText();
            assertThat(user).matches("[1-9]\\d+:[1-9]\\d+");
            assertThat(pod)
                    .contains("runAsUser: " + user.split(":")[0])
                    .contains("runAsGroup: " + user.split(":")[1])
                    .contains("mountPath: "
                            + image.config().at("/config/WorkingDir").asText());
            assertThat(image.files()).allSatisfy(file -> {
                assertThat(file.getName()).startsWith("opt/palimpsest/");
                assertThat(file.getLongUserId()).isZero();
                assertThat(file.getMode() & 0b010_010)
                        .as("writable by others: " + file.getName())
                        .isZero();
                assertThat(file.getMode() & 0b100_000_000_000).as("set-user-id").isZero();
            });
        });
    }

    private static void file(Path path, String content) throws IOException {
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    private static void engine(Path path) throws IOException {
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(path))) {
            for (String name : List.of(
                    "pytorch/cpu/linux-x86_64/libtorch_cpu.so",
                    "pytorch/cpu/linux-x86_64/libc10.so",
                    "native/lib/pytorch.properties")) {
                jar.putNextEntry(new JarEntry(name));
                jar.write(name.getBytes(StandardCharsets.UTF_8));
                jar.closeEntry();
            }
        }
    }

    private static Image read(Path tar) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(Files.newInputStream(tar))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                files.put(entry.getName(), in.readAllBytes());
            }
        }
        JsonNode manifest =
                new ObjectMapper().readTree(files.get("manifest.json")).get(0);
        Map<String, List<TarArchiveEntry>> layers = new LinkedHashMap<>();
        for (JsonNode layer : manifest.path("Layers")) {
            layers.put(layer.asText(), entries(new ByteArrayInputStream(files.get(layer.asText()))));
        }
        return new Image(
                new ObjectMapper().readTree(files.get(manifest.path("Config").asText())), layers);
    }

    private static List<TarArchiveEntry> entries(InputStream layer) throws IOException {
        List<TarArchiveEntry> entries = new ArrayList<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(new GZIPInputStream(layer))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.add(entry);
            }
        }
        return entries;
    }
}
