/// `millrace doctor`: what is right and wrong with this machine, each with its remedy.
@NullMarked
package dev.millrace.cli.doctor;

import org.jspecify.annotations.NullMarked;
