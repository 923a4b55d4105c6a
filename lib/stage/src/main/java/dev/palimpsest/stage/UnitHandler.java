package dev.palimpsest.stage;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Stage;
import java.util.List;

/** The one thing that a stage service implements: a bounded unit of work. Knows nothing of Kafka. */
public interface UnitHandler {
    /** Which stage this is. */
    Stage stage();

    /**
     * Does one unit. Every artifact is in the store before this returns; artifacts of the same unit have the same bytes
     * however often the unit is run.
     *
     * @return what to announce, in order
     * @throws Exception a failure; a {@link PalimpsestException} that is retryable is tried again
     */
    List<Message> run(Message message, UnitContext context) throws Exception;

    /** What to throw for a message of a kind that this stage's topics should not carry. */
    default PalimpsestException unexpected(Message message) {
        return new PalimpsestException(
                ErrorCode.BAD_MESSAGE,
                "The " + stage().id() + " stage does not handle " + message.topic() + " " + message.unit());
    }
}
