/// The vocabulary every module speaks: sizes and versions here; ids, error codes and clocks in the packages below.
@NullMarked
package dev.millrace.core;

import org.jspecify.annotations.NullMarked;
