package dev.palimpsest.gateway.view;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditRequest;
import java.util.Map;

/** A backbone as an audit uses it: what the spec calls it, and its files by their name. */
public record BackboneUse(String name, Map<String, ArtifactRef> files) {
    public BackboneUse {
        files = Map.copyOf(files);
    }

    static BackboneUse of(AuditRequest request) {
        return new BackboneUse(request.spec().backbone(), request.backbone());
    }
}
