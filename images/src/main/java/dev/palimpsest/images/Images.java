package dev.palimpsest.images;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Builds the image of every service from a built tree, and writes tar files or pushes to a registry. */
@Command(
        name = "images/build",
        mixinStandardHelpOptions = true,
        description = "Build the container images of the services.")
public final class Images implements Callable<Integer> {
    /** Modules that are an image each. */
    static final List<String> SERVICES =
            List.of("gateway", "embed-service", "reconstruct-service", "select-service", "invert-service");

    /** Those that a GPU makes faster. */
    static final List<String> ON_GPU = List.of("reconstruct-service", "invert-service");

    @Option(
            names = "--base",
            required = true,
            description = "a base image with Java 17: a name in a registry, tar://FILE, or scratch")
    String base = "";

    @Option(
            names = "--cuda-base",
            description = "a base image with Java 17 and torch 2.7.1 for CUDA; without it no image for CUDA is built")
    @Nullable
    String cudaBase;

    @Option(
            names = "--cuda-torch",
            defaultValue = ServiceImage.TORCH,
            description = "where that base has torch's libraries (default: ${DEFAULT-VALUE})")
    String cudaTorch = ServiceImage.TORCH;

    @Option(names = "--out", description = "write NAME.tar into this folder, for 'docker load' and the like")
    @Nullable
    Path out;

    @Option(names = "--registry", description = "push to this prefix, e.g. registry.example.org/palimpsest")
    @Nullable
    String registry;

    @Option(names = "--tag", defaultValue = "0.1.0", description = "default: ${DEFAULT-VALUE}")
    String tag = "0.1.0";

    @Option(names = "--repository", defaultValue = ".", description = "a built tree (default: ${DEFAULT-VALUE})")
    Path repository = Path.of(".");

    public static void main(String[] args) {
        System.exit(new CommandLine(new Images()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        if ((out == null) == (registry == null)) {
            System.err.println("Give one of --out and --registry.");
            return 2;
        }
        for (String service : SERVICES) {
            build(service, Variant.CPU, base);
            if (cudaBase != null && ON_GPU.contains(service)) {
                build(service, Variant.CUDA, cudaBase);
            }
        }
        return 0;
    }

    private void build(String service, Variant variant, String from) throws Exception {
        String name = service + variant.suffix();
        Path app = repository.resolve(service).resolve("target/quarkus-app").toAbsolutePath();
        if (!Files.exists(app.resolve("quarkus-run.jar"))) {
            throw new IllegalStateException(app + " is missing; build first: mvn -Dquick -DskipTests package");
        }
        JibContainerBuilder builder = from.equals("scratch") ? Jib.fromScratch() : Jib.from(from);
        Path work = repository.resolve("images/target/work").toAbsolutePath();
        JibContainer image = new ServiceImage(service, app, work)
                .on(builder, variant, variant == Variant.CPU ? ServiceImage.TORCH : cudaTorch)
                .containerize(target(name)
                        .setBaseImageLayersCache(work.resolve("base"))
                        .setApplicationLayersCache(work.resolve("layers"))
                        .setOfflineMode(from.equals("scratch") && out != null));
        System.out.println(name + " " + image.getDigest());
    }

    private Containerizer target(String name) throws Exception {
        if (out != null) {
            Files.createDirectories(out);
            return Containerizer.to(TarImage.at(out.resolve(name + ".tar")).named("palimpsest/" + name + ":" + tag));
        }
        ImageReference reference = ImageReference.parse(registry + "/" + name + ":" + tag);
        return Containerizer.to(RegistryImage.named(reference)
                .addCredentialRetriever(CredentialRetrieverFactory.forImage(reference, event -> {})
                        .dockerConfig()));
    }
}
