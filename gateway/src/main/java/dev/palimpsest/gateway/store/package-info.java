/** What the gateway keeps in and reads from the artifact store ({@code artifacts}): uploads, requests, documents, pictures. */
@NullMarked
package dev.palimpsest.gateway.store;

import org.jspecify.annotations.NullMarked;
