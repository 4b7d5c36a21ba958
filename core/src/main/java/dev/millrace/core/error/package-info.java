/// The closed list of things that can go wrong, each with the one who can do something about it.
@NullMarked
package dev.millrace.core.error;

import org.jspecify.annotations.NullMarked;
