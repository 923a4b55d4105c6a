/**
 * A Kafka broker and an S3 store without containers, for one machine: the demo, a workstation and the tests. Both keep
 * their data in a folder, survive {@code kill -9}, and listen on the loopback interface only. In a cluster their places
 * are taken by real ones; nothing else of this system knows the difference. Depends on
 * {@code contracts}, Kafka and S3Proxy.
 */
@NullMarked
package dev.palimpsest.infra;

import org.jspecify.annotations.NullMarked;
