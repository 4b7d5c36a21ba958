/// Which models are served, and whether they are ready.
@NullMarked
package dev.millrace.server.models;

import org.jspecify.annotations.NullMarked;
