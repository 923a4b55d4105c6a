package dev.palimpsest.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.StoreSettings;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.access.Service;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The separation of knowledge at a real store: the attack is refused when it reads members. */
class StoreAccessTest {
    private static final AuditId AUDIT = new AuditId("a-study");
    private static final String TYPE = "application/octet-stream";

    private static LocalInfra infra;
    private static ArtifactStore attack;
    private static ArtifactStore embed;

    @BeforeAll
    static void start() {
        infra = LocalInfra.start(List.of());
        attack = infra.connect(Service.RECONSTRUCT);
        embed = infra.connect(Service.EMBED);
    }

    @AfterAll
    static void stop() {
        attack.close();
        embed.close();
        infra.close();
    }

    @Test
    void theAttackReadsTargetsAndNoMembers() {
        ArtifactRef head = embed.put(Keys.target(AUDIT, "head.safetensors"), new byte[] {1}, TYPE);
        ArtifactRef members = embed.put(Keys.knowledge(AUDIT, "embeddings.safetensors"), new byte[] {2}, TYPE);

        assertThat(attack.get(head)).containsExactly(1);
        refused(() -> attack.get(members));
        refused(() -> attack.stat(members.key()));
        assertThat(embed.get(members)).containsExactly(2);
    }

    @Test
    void theAttackWritesItsOwnResultsOnly() {
        byte[] large = new byte[17 << 20];
        ArtifactRef own = attack.put(Keys.result(AUDIT, Stage.RECONSTRUCT, "candidates"), large, TYPE);
        assertThat(attack.stat(own.key())).contains(own);
        assertThat(attack.put(own.key(), large, TYPE)).isEqualTo(own);
        for (String foreign : List.of(
                Keys.result(AUDIT, Stage.SELECT, "selection-last.json"),
                Keys.target(AUDIT, "target.json"),
                Keys.knowledge(AUDIT, "x"),
                Keys.request(AUDIT))) {
            refused(() -> attack.put(foreign, new byte[] {3}, TYPE));
        }
        refused(() -> attack.put(Keys.knowledge(AUDIT, "in-parts"), large, TYPE));
    }

    @Test
    void anAbsentObjectIsAbsentAndNotForbidden() {
        assertThat(attack.stat(Keys.receipt(AUDIT, Stage.RECONSTRUCT, "unit"))).isEmpty();
        assertThat(attack.ready()).isTrue();
    }

    @Test
    void anotherServicesSecretOpensNothing() {
        try (ArtifactStore stranger = ArtifactStore.connect(StoreSettings.of(
                infra.storeSettings().endpoint(),
                "embed",
                "reconstruct",
                infra.storeSettings().bucket()))) {
            refused(() -> stranger.stat(Keys.target(AUDIT, "x")));
        }
        try (ArtifactStore nobody = ArtifactStore.connect(StoreSettings.of(
                infra.storeSettings().endpoint(),
                "nobody",
                "x",
                infra.storeSettings().bucket()))) {
            assertThat(nobody.ready()).isFalse();
        }
    }

    private static void refused(ThrowingCallable call) {
        assertThatThrownBy(call).hasMessageContaining("does not allow");
    }
}
