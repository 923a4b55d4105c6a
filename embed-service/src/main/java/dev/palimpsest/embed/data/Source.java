package dev.palimpsest.embed.data;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A dataset that can be walked through. Each walk gives the same samples in the same order. */
interface Source {
    /** What takes the samples of a walk. */
    interface Sink {
        /**
         * @param file its name within the dataset
         * @param ownClass the dataset's class
         * @param part a part of {@link Entry}; null when the dataset does not say: then every second sample of a class is held out
         */
        void sample(String file, String ownClass, @Nullable String part, Content content);

        /** Something that cannot be used, in one sentence with the name of the file. */
        void skip(String sentence);
    }

    /** What one sample is, for messages: image, text or embedding. */
    String noun();

    /** All classes of the dataset in their order. */
    List<String> classes();

    /** The classes that a name in a spec stands for; empty: the dataset knows no such name. */
    Set<String> named(String name);

    /** Gives the samples of the wanted classes, one after the other, without keeping them. */
    void walk(Set<String> wanted, Sink sink);
}
