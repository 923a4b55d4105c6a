package dev.palimpsest.artifacts.safetensors;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.ByteArrayInputStream;

/** What is fuzzed: a stranger's file is read completely or refused as a bad file, whatever is in it. */
public final class SafetensorsFuzz {
    private SafetensorsFuzz() {}

    /** Called by the fuzzer, which looks for inputs that throw. */
    public static void fuzzerTestOneInput(byte[] file) {
        try (Safetensors read = Safetensors.read(new ByteArrayInputStream(file), "fuzz")) {
            for (String name : read.names()) {
                Tensor tensor = read.tensor(name);
                if (tensor.toBytes().length
                        != tensor.elements() * tensor.dtype().bytes()) {
                    throw new AssertionError(name + " has other bytes than its shape says");
                }
            }
        } catch (PalimpsestException e) {
            if (e.code() != ErrorCode.BAD_FILE) {
                throw new AssertionError("refused as " + e.code(), e);
            }
        }
    }
}
