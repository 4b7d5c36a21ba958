/// The rules of the project as tests: directions between packages by ArchUnit, everything else by reading the
/// sources.
@NullMarked
package dev.millrace.cli.gates;

import org.jspecify.annotations.NullMarked;
