package dev.palimpsest.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;

/** Holds the arrows of the architecture: they point down only. */
@AnalyzeClasses(packages = "dev.palimpsest", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] SERVICES = {
        "dev.palimpsest.embed..",
        "dev.palimpsest.reconstruct..",
        "dev.palimpsest.select..",
        "dev.palimpsest.invert..",
        "dev.palimpsest.gateway.."
    };

    @ArchTest
    static final ArchRule contractsStandAlone = noClasses()
            .that()
            .resideInAPackage("dev.palimpsest.contracts..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.palimpsest.artifacts..",
                    "dev.palimpsest.models..",
                    "dev.palimpsest.stage..",
                    "dev.palimpsest.infra..",
                    "dev.palimpsest.cli..",
                    "dev.palimpsest.embed..",
                    "dev.palimpsest.reconstruct..",
                    "dev.palimpsest.select..",
                    "dev.palimpsest.invert..")
            .because("contracts are what everything shares; move the type that is needed down into lib/contracts");

    @ArchTest
    static final ArchRule librariesKnowNoService = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.palimpsest.artifacts..",
                    "dev.palimpsest.models..",
                    "dev.palimpsest.stage..",
                    "dev.palimpsest.infra..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(SERVICES)
            .because("arrows point down only; pass what the library needs as a parameter");

    @ArchTest
    static final ArchRule embedImportsNoOtherService = standsAlone("dev.palimpsest.embed..");

    @ArchTest
    static final ArchRule reconstructImportsNoOtherService = standsAlone("dev.palimpsest.reconstruct..");

    @ArchTest
    static final ArchRule selectImportsNoOtherService = standsAlone("dev.palimpsest.select..");

    @ArchTest
    static final ArchRule invertImportsNoOtherService = standsAlone("dev.palimpsest.invert..");

    @ArchTest
    static final ArchRule algorithmsArePlain = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.palimpsest.embed.train..",
                    "dev.palimpsest.embed.data..",
                    "dev.palimpsest.reconstruct.attack..",
                    "dev.palimpsest.select.cluster..",
                    "dev.palimpsest.select.score..",
                    "dev.palimpsest.invert.prior..",
                    "dev.palimpsest.invert.retrieval..",
                    "dev.palimpsest.invert.measure..",
                    "dev.palimpsest.invert.unclip..",
                    "dev.palimpsest.models..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.quarkus..",
                    "io.smallrye..",
                    "jakarta..",
                    "org.apache.kafka..",
                    "org.eclipse.microprofile..",
                    "io.minio..",
                    "dev.palimpsest.stage..")
            .because("an algorithm must run without a cluster; bind it to messages in the service's own package");

    private static ArchRule standsAlone(String service) {
        String[] others =
                Arrays.stream(SERVICES).filter(other -> !other.equals(service)).toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(service)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .because("services speak by messages only; put what two of them need into lib/");
    }
}
