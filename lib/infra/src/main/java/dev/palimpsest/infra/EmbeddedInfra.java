package dev.palimpsest.infra;

/** Broker, store and topics together, for {@link InfraMain}. */
record EmbeddedInfra(EmbeddedBroker broker, EmbeddedStore store) implements AutoCloseable {
    static EmbeddedInfra start(InfraSettings settings) {
        EmbeddedStore store = EmbeddedStore.start(
                settings.dataDir().resolve("s3"),
                settings.s3Port(),
                settings.s3Access(),
                settings.s3Secret(),
                settings.secrets());
        try {
            EmbeddedBroker broker = EmbeddedBroker.start(
                    settings.dataDir().resolve("kafka"), settings.kafkaPort(), settings.controllerPort());
            try {
                TopicCreator.createMissing(broker.bootstrapServers(), settings.topics());
                return new EmbeddedInfra(broker, store);
            } catch (RuntimeException e) {
                broker.close();
                throw e;
            }
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            broker.close();
        } finally {
            store.close();
        }
    }
}
