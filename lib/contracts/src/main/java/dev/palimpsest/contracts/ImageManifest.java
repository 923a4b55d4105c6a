package dev.palimpsest.contracts;

import java.util.List;

/**
 * The samples of a study by reference: a list of a hundred thousand fits neither a message nor a request. Each page is a stored {@link
 * ImagePage}.
 *
 * @param images samples in all
 * @param imagesAPage in each page but the last, which has the rest
 * @param labels the classes, in the order in which they first appear
 * @param pages in order
 */
public record ImageManifest(int images, int imagesAPage, List<String> labels, List<ArtifactRef> pages) {
    /** What writers put into a page: about 300 KB. */
    public static final int IMAGES_A_PAGE = 1_000;

    public ImageManifest {
        labels = List.copyOf(labels);
        pages = List.copyOf(pages);
        if (images < 1 || imagesAPage < 1 || pages.size() != (images - 1L) / imagesAPage + 1) {
            throw new PalimpsestException(
                    ErrorCode.BAD_MESSAGE,
                    "A manifest of " + images + " images, " + imagesAPage + " a page, with " + pages.size()
                            + " pages: the numbers do not fit");
        }
    }
}
