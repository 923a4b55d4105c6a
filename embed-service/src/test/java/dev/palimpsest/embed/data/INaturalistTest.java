package dev.palimpsest.embed.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.contracts.DataClass;
import dev.palimpsest.contracts.DatasetName;
import dev.palimpsest.contracts.DatasetName.Layout;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class INaturalistTest {
    private static final String WORM =
            "00000_Animalia_Annelida_Clitellata_Haplotaxida_Lumbricidae_Lumbricus_terrestris";
    private static final String BEE = "01234_Animalia_Arthropoda_Insecta_Hymenoptera_Apidae_Apis_mellifera";
    private static final String WREN =
            "03111_Animalia_Chordata_Aves_Passeriformes_Troglodytidae_Troglodytes_troglodytes";
    private static final String MOREL =
            "05500_Fungi_Ascomycota_Pezizomycetes_Pezizales_Morchellaceae_Morchella_esculenta";
    private static final String OAK = "07777_Plantae_Tracheophyta_Magnoliopsida_Fagales_Fagaceae_Quercus_robur";
    private static final List<String> ALL = List.of(WORM, BEE, WREN, MOREL, OAK);

    @TempDir
    Path folder;

    @BeforeEach
    void publish() {
        for (String species : ALL) {
            for (int i = 0; i < 6; i++) {
                Drawn.picture(folder.resolve("train_mini/" + species + "/image-" + i + ".jpg"), i);
            }
        }
    }

    @Test
    void faunaAgainstFloraGroupsTheSpeciesByKingdom() {
        assertThat(Datasets.recognise(folder)).isEqualTo(Layout.INAT);
        Listing listing = read(Protocol.INAT_BINARY.classes().toArray(String[]::new));

        assertThat(listing.entries())
                .filteredOn(entry -> entry.label().equals("fauna"))
                .extracting(entry -> entry.file().split("/")[1])
                .containsOnly(WORM, BEE, WREN)
                .hasSize(18);
        assertThat(listing.entries())
                .filteredOn(entry -> entry.label().equals("flora"))
                .extracting(Entry::part)
                .containsExactly("member", "member", "member", "heldout", "heldout", "heldout");
    }

    @Test
    void aTaxonOfAnyRankOrASpeciesIsAClass() {
        assertThat(labelled("Insecta", "Chordata", "Quercus", MOREL, "worms=Lumbricidae"))
                .containsExactlyInAnyOrder(
                        "Insecta " + BEE, "Chordata " + WREN, "Quercus " + OAK, MOREL + " " + MOREL, "worms " + WORM);
        assertThat(labelled(Protocol.INAT_4.classes().toArray(String[]::new)))
                .containsExactlyInAnyOrder("plants " + OAK, "insects " + BEE, "birds " + WREN, "fungi " + MOREL);
        assertThatThrownBy(() -> read("Animalia", "Aves", "Mollusca"))
                .hasMessageContaining("'" + WREN + "' is asked for twice, once in class 'Aves'")
                .hasMessageContaining("class 'Mollusca' is not there; there are [" + WORM);
    }

    @Test
    void whatIsInValIsHeldOut() {
        for (String species : List.of(BEE, OAK)) {
            Drawn.picture(folder.resolve("val/" + species + "/v.jpg"), 9);
        }

        assertThat(read("Insecta", "Plantae").entries())
                .extracting(entry -> entry.file().split("/")[0] + " " + entry.part())
                .containsOnly("train_mini member", "val heldout")
                .hasSize(14);
    }

    @Test
    void theAnnotationsGoBeforeTheFoldersAndWhatTheyLackIsTold() throws IOException {
        ObjectNode json = annotations();
        ArrayNode images = (ArrayNode) json.get("images");
        images.addObject().put("id", 900).put("file_name", "train_mini/" + OAK + "/gone.jpg");
        ((ArrayNode) json.get("annotations")).addObject().put("image_id", 900).put("category_id", 4);
        images.addObject().put("id", 901).put("file_name", "train_mini/" + OAK + "/image-0.jpg");
        images.addObject().put("id", 902).put("file_name", "train_mini/" + OAK + "/image-0.jpg");
        ((ArrayNode) json.get("annotations")).addObject().put("image_id", 902).put("category_id", 77);
        images.addObject().put("id", 903).put("file_name", "train_mini/" + BEE + "/image-0.jpg");
        ((ArrayNode) json.get("annotations")).addObject().put("image_id", 903).put("category_id", 4);
        images.addObject().put("file_name", "x.jpg");
        images.addObject().put("id", 904).put("file_name", "../" + OAK + "/secret.jpg");
        ((ArrayNode) json.get("annotations")).addObject().put("image_id", 904).put("category_id", 4);
        Files.writeString(folder.resolve("train_mini.json"), json.toString());
        Drawn.picture(folder.resolve("train_mini/" + OAK + "/not-annotated.jpg"), 1);

        Listing listing = read("Insecta", "Plantae");
        assertThat(listing.entries()).hasSize(12);
        assertThat(listing.entries()).extracting(Entry::file).noneMatch(file -> file.contains("not-annotated"));
        assertThat(listing.skipped())
                .containsExactly(
                        "There is no file train_mini/" + OAK + "/gone.jpg, which the dataset lists.",
                        "train_mini.json: train_mini/" + OAK + "/image-0.jpg has no annotation.",
                        "train_mini.json: train_mini/" + OAK
                                + "/image-0.jpg has category 77, which is not among the categories.",
                        "train_mini.json: train_mini/" + BEE + "/image-0.jpg is annotated as " + OAK + ".",
                        "train_mini.json: an image has no id or no file_name: {\"file_name\":\"x.jpg\"}.",
                        "train_mini.json: ../" + OAK + "/secret.jpg leads out of the dataset.");
    }

    @Test
    void annotationsThatWereCutOffAreRefused() throws IOException {
        String whole = annotations().toString();
        Files.writeString(folder.resolve("train_mini.json"), whole.substring(0, whole.length() / 2));
        assertThatThrownBy(() -> read("Insecta", "Plantae"))
                .hasMessageContaining("train_mini.json cannot be used as annotations: it is not JSON or was cut off");

        Files.writeString(folder.resolve("train_mini.json"), "{\"images\": []}");
        assertThatThrownBy(() -> read("Insecta", "Plantae")).hasMessageContaining("it has no categories");
    }

    @Test
    void anotherLayoutIsSaidWithWhatWasExpectedAndFound() {
        assertThatThrownBy(() -> Datasets.read(folder, DatasetName.of("inat:train_mini"), null, Subset.ALL))
                .hasMessageContaining(
                        "is not laid out as iNaturalist 2021 is published: expected train_mini/ or train/ with")
                .hasMessageContaining("found [" + WORM);
    }

    /** In the order of the published file, with fields that nobody reads. */
    private ObjectNode annotations() {
        ObjectNode json = Json.mapper().createObjectNode();
        json.putObject("info").put("year", 2021);
        ArrayNode images = json.putArray("images");
        ArrayNode categories = json.putArray("categories");
        ArrayNode annotations = json.putArray("annotations");
        int id = 0;
        for (int c = 0; c < ALL.size(); c++) {
            categories.addObject().put("id", c).put("name", "n").put("image_dir_name", ALL.get(c));
            for (int i = 0; i < 6; i++, id++) {
                images.addObject().put("id", id).put("file_name", "train_mini/" + ALL.get(c) + "/image-" + i + ".jpg");
                annotations.addObject().put("id", id).put("image_id", id).put("category_id", c);
            }
        }
        return json;
    }

    private List<String> labelled(String... classes) {
        return read(classes).entries().stream()
                .map(entry -> entry.label() + " " + entry.file().split("/")[1])
                .distinct()
                .toList();
    }

    private Listing read(String... classes) {
        return Datasets.read(
                folder,
                DatasetName.of("."),
                null,
                new Subset(Stream.of(classes).map(DataClass::of).toList(), 0, 0, null));
    }
}
