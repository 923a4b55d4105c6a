/**
 * Who may do what: the one table that the embedded broker and store enforce, and that the cluster's users, ACLs and storage
 * policies in {@code k8s/} are compared with.
 */
@NullMarked
package dev.palimpsest.contracts.access;

import org.jspecify.annotations.NullMarked;
