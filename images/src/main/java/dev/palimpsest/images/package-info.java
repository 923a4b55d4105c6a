/** Container images of the services, built by jib without a daemon: what is in them and where, and the command that builds them. */
@NullMarked
package dev.palimpsest.images;

import org.jspecify.annotations.NullMarked;
