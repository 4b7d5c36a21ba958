/// Models that other programs keep on this machine: found where they lie and used there. Nothing is copied,
/// and nothing is ever written into a folder of another program.
@NullMarked
package dev.millrace.models.foreign;

import org.jspecify.annotations.NullMarked;
