package dev.palimpsest.embed.data;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.TextBackbone;
import dev.palimpsest.text.MiniLm;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Texts through MiniLM, which it owns. */
final class TextEncoder implements Encoder<String> {
    private final MiniLm network;

    TextEncoder(MiniLm network) {
        this.network = network;
    }

    @Override
    public String name() {
        return TextBackbone.NAME;
    }

    @Override
    public int dimension() {
        return MiniLm.DIMENSION;
    }

    @Override
    public String prepare(byte[] sample, String name) {
        try {
            // A plain conversion would put question marks for what is no text at all.
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(sample))
                    .toString();
            if (!text.isBlank() && text.length() <= Texts.LONGEST) {
                return text;
            }
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA,
                    name + " is a text of " + text.length() + " characters; expected 1 to " + Texts.LONGEST);
        } catch (CharacterCodingException e) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA, name + " is no text in UTF-8, and the backbone " + name() + " takes texts", e);
        }
    }

    @Override
    public float[] embed(List<String> inputs) {
        return network.embed(inputs);
    }

    @Override
    public void close() {
        network.close();
    }
}
