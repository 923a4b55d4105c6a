package dev.palimpsest.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import java.util.function.Function;

/** Submits changed specs of an audit with the files that it was submitted with, which are at the gateway: nobody needs them here. */
public final class RequestAgain implements Function<AuditSpec, String> {
    private final GatewayClient client;
    private final AuditRequest request;

    private RequestAgain(GatewayClient client, AuditRequest request) {
        this.client = client;
        this.request = request;
    }

    /**
     * Of an audit.
     *
     * @throws PalimpsestException NOT_FOUND when there is no such audit
     */
    public static RequestAgain of(GatewayClient client, String audit) {
        try {
            return new RequestAgain(
                    client,
                    Json.mapper()
                            .treeToValue(
                                    client.read("/api/v1/audits/" + GatewayClient.encode(audit) + "/request"),
                                    AuditRequest.class));
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(
                    ErrorCode.BAD_MESSAGE, client.address() + " did not answer with the request of " + audit, e);
        }
    }

    /** Of the audit itself. */
    public AuditSpec spec() {
        return request.spec();
    }

    /** The audit itself for its own spec; else the audit of the changed one, which is the same audit each time. */
    @Override
    public String apply(AuditSpec changed) {
        if (changed.equals(request.spec())) {
            return request.audit().value();
        }
        ObjectNode body = Json.mapper().createObjectNode();
        body.set("spec", Json.mapper().valueToTree(changed));
        body.set("backbone", Json.mapper().valueToTree(new TreeMap<>(request.backbone())));
        if (!request.images().isEmpty()) {
            body.set("images", Json.mapper().valueToTree(request.images()));
        }
        if (request.manifest() != null) {
            body.set("manifest", Json.mapper().valueToTree(request.manifest()));
        }
        return client.submit(body, Digests.sha256(body.toString().getBytes(StandardCharsets.UTF_8)));
    }
}
