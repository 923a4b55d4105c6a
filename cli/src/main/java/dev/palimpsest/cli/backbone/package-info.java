/** The backbones of this machine: folders of published weights that were checked once and are known by a name since. */
@NullMarked
package dev.palimpsest.cli.backbone;

import org.jspecify.annotations.NullMarked;
