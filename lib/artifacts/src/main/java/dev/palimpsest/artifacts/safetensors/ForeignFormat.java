package dev.palimpsest.artifacts.safetensors;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;

/**
 * Formats that people have instead of safetensors, known by their first bytes and never by their names. Several of them
 * run code while they are read, which is why none is read here.
 */
enum ForeignFormat {
    ZIP(
            "a zip archive (PyTorch .pt/.pth/.bin, TorchScript or .npz)",
            "convert it where you trust it: python -c \"import torch; from safetensors.torch import save_file; "
                    + "save_file(torch.load('FILE', weights_only=True), 'FILE.safetensors')\"",
            'P',
            'K'),
    PICKLE(
            "a Python pickle (an old PyTorch file, joblib or scikit-learn)",
            "convert it where you trust it: python -c \"import torch; from safetensors.torch import save_file; "
                    + "save_file(torch.load('FILE', weights_only=True), 'FILE.safetensors')\"",
            0x80),
    HDF5(
            "an HDF5 file (Keras)",
            "load it with h5py and write the arrays with safetensors.numpy.save_file",
            0x89,
            'H',
            'D',
            'F'),
    NPY(
            "a NumPy .npy array",
            "convert it: python -c \"import numpy; from safetensors.numpy import save_file; "
                    + "save_file({'NAME': numpy.load('FILE')}, 'FILE.safetensors')\"",
            0x93,
            'N',
            'U',
            'M',
            'P',
            'Y'),
    GGUF("a GGUF file", "take the safetensors file that it was made from", 'G', 'G', 'U', 'F'),
    GZIP("compressed with gzip", "decompress it first", 0x1f, 0x8b),
    LFS_POINTER(
            "a Git LFS pointer, not the file itself",
            "run 'git lfs pull'",
            'v',
            'e',
            'r',
            's',
            'i',
            'o',
            'n',
            ' ',
            'h',
            't',
            't',
            'p');

    private final String what;
    private final String remedy;
    private final int[] magic;

    ForeignFormat(String what, String remedy, int... magic) {
        this.what = what;
        this.remedy = remedy;
        this.magic = magic.clone();
    }

    /** Throws if the bytes are the beginning of one of these formats. */
    static void refuse(byte[] first, String origin) {
        for (ForeignFormat format : values()) {
            if (format.matches(first)) {
                throw new PalimpsestException(
                        ErrorCode.BAD_FILE,
                        "%s is %s; only safetensors files are read. To go on, %s."
                                .formatted(origin, format.what, format.remedy));
            }
        }
    }

    private boolean matches(byte[] first) {
        if (first.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((first[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        // One byte is little evidence: protocol numbers 2 to 5 follow it in a pickle.
        return this != PICKLE || first.length > 1 && first[1] >= 2 && first[1] <= 5;
    }
}
