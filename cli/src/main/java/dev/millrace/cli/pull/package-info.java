/// `millrace pull`: brings a model onto this machine.
@NullMarked
package dev.millrace.cli.pull;

import org.jspecify.annotations.NullMarked;
